from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.desk.procedures.states import State
from intake.engines.pathways.guard import Advice
from intake.registry.people.schemas import Name, Strict

Language = Literal["es", "en"]


class Said(BaseModel):
    caution: str
    text: str


class StepOut(BaseModel):
    text: str
    documents: list[str]


class SourceOut(BaseModel):
    text: str
    reviewed: date
    review: str


class AdviceOut(BaseModel):
    """What to tell a person about one route. `last_day`: of its deadline, from their day of entry.

    `by_default` is false where the warnings must be spoken about first. Statements of law are as good as
    their `review` says.
    """

    route: str
    kind: str
    title: str
    institution: str
    text: str
    steps: list[StepOut]
    cost: str | None
    timing: str
    last_day: date | None
    days_left: int | None
    warnings: list[Said]
    by_default: bool
    legal_aid: bool
    review: str
    sources: list[SourceOut]

    @classmethod
    def of(cls, advice: Advice, language: str) -> AdviceOut:
        route = advice.pathway
        return cls(
            route=route.id,
            kind=route.kind,
            title=route.title.in_language(language),
            institution=route.institution,
            text=route.guidance.in_language(language),
            steps=[
                StepOut(text=step.text.in_language(language), documents=list(step.documents))
                for step in route.steps
            ],
            cost=route.cost.in_language(language) if route.cost else None,
            timing=advice.timing,
            last_day=advice.last_day,
            days_left=advice.days_left,
            warnings=[
                Said(caution=warning.caution, text=warning.wording.in_language(language))
                for warning in advice.warnings
            ],
            by_default=advice.by_default,
            legal_aid=advice.legal_aid,
            review=advice.review,
            sources=[
                SourceOut(text=source.text, reviewed=source.reviewed, review=source.review)
                for source in advice.sources
            ],
        )


class ProcedureIn(Strict):
    """`talked_over`: its warnings were spoken about. Needed where the route is not proposed by default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"route": "pa-asylum", "talked_over": True}]})

    route: Name = Field(examples=["pa-asylum"])
    talked_over: bool = False


class ProcedureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    procedure_id: UUID = Field(validation_alias="id")
    route: str
    state: State
    since: datetime
    deadline: date | None


class ProcedureStateIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "submitted"}]})

    to: State
