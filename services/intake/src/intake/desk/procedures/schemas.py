"""The API schemas of procedures and of the advice on pathways."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.desk.procedures.rules import ProcedureState
from intake.engines.pathways.guard import Advice
from intake.fields import Name, RequestBody
from intake.registry.people.schemas import OfPerson

AdviceLanguage = Literal["es", "en"]


class PathwayWarningOut(BaseModel):
    """A warning to discuss before the pathway is taken."""

    caution: str
    text: str


class PathwayStepOut(BaseModel):
    """A step of a pathway, with the documents that it needs."""

    text: str
    documents: list[str]


class PathwaySourceOut(BaseModel):
    """The source of a legal statement, and the state of its review."""

    text: str
    reviewed: date
    review: str


class PathwayAdviceOut(BaseModel):
    """The advice on one pathway for one person.

    `last_day` is that of the deadline, counted from the person's day of entry. `by_default` is false where the
    warnings must be discussed first. `review` is the state of review of the legal statements.
    """

    pathway: str
    kind: str
    title: str
    institution: str
    text: str
    steps: list[PathwayStepOut]
    cost: str | None
    timing: str
    last_day: date | None
    days_left: int | None
    warnings: list[PathwayWarningOut]
    by_default: bool
    legal_aid: bool
    review: str
    sources: list[PathwaySourceOut]

    @classmethod
    def of(cls, advice: Advice, language: str) -> PathwayAdviceOut:
        """Return the schema of an advice in a language."""
        pathway = advice.pathway
        return cls(
            pathway=pathway.id,
            kind=pathway.kind,
            title=pathway.title.in_language(language),
            institution=pathway.institution,
            text=pathway.guidance.in_language(language),
            steps=[
                PathwayStepOut(text=step.text.in_language(language), documents=list(step.documents))
                for step in pathway.steps
            ],
            cost=pathway.cost.in_language(language) if pathway.cost else None,
            timing=advice.timing,
            last_day=advice.last_day,
            days_left=advice.days_left,
            warnings=[
                PathwayWarningOut(caution=warning.caution, text=warning.wording.in_language(language))
                for warning in advice.warnings
            ],
            by_default=advice.by_default,
            legal_aid=advice.legal_aid,
            review=advice.review,
            sources=[
                PathwaySourceOut(text=source.text, reviewed=source.reviewed, review=source.review)
                for source in advice.sources
            ],
        )


class ProcedureIn(RequestBody):
    """A procedure to open.

    `warnings_discussed` confirms that the pathway's warnings were discussed with the person; it is required where
    the pathway is not proposed by default.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"pathway": "pa-asylum", "warnings_discussed": True}]}
    )

    pathway: Name = Field(examples=["pa-asylum"])
    warnings_discussed: bool = False


class ProcedureOut(BaseModel):
    """A procedure as it was recorded. `since` is the time of the last change of state."""

    model_config = ConfigDict(from_attributes=True)

    procedure_id: UUID = Field(validation_alias="id")
    pathway: str
    state: ProcedureState
    since: datetime
    deadline: date | None


class ProcedureOfList(OfPerson, ProcedureOut):
    """A procedure in a user's list, with the person whose it is."""


class ProcedureStateIn(RequestBody):
    """The state that a procedure changes to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "submitted"}]})

    to: ProcedureState
