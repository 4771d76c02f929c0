"""The API schema of a person's own copy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.desk.needs.schemas import NeedOut
from intake.desk.procedures.schemas import ProcedureOut
from intake.desk.visits.schemas import VisitOut
from intake.registry.people.schemas import PayoutOut, PersonOut
from intake.registry.timeline.schemas import TimelineItem
from intake.sharing.consents.schemas import ConsentOut


class HouseholdCopy(BaseModel):
    """The place and the means of the household; its other members have copies of their own."""

    model_config = ConfigDict(from_attributes=True)

    area: str
    cell: str | None
    shelter: str | None
    own_income: int
    other_aid: int


class GuidanceCopy(BaseModel):
    """A pathway that was explained."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(validation_alias="created")
    pathway: str
    language: str
    deadline: date | None


class ConsentCopy(ConsentOut):
    """A consent, with the data that the recipient may read under it."""

    shared: dict[str, Any]


class AccessCopy(BaseModel):
    """One access to the person's data: what was done, and for which other agency."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(validation_alias="created")
    action: str
    recipient: UUID | None


class PersonCopy(BaseModel):
    """The records about a person, as they may be handed to them.

    Restricted records are not part of it, nor whether there are any: a protection officer gives them in person.
    """

    person: PersonOut
    payout: PayoutOut | None
    household: HouseholdCopy
    needs: list[NeedOut]
    visits: list[VisitOut]
    guidance: list[GuidanceCopy]
    procedures: list[ProcedureOut]
    consents: list[ConsentCopy]
    timeline: list[TimelineItem] = Field(description="The newest entries first, at most 1,000.")
    accesses: list[AccessCopy] = Field(description="The newest first, at most 1,000.")
