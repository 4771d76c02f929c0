from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from intake.households.schemas import Code
from intake.people.schemas import PastDay, Strict, Words


class VisitIn(Strict):
    centre: Code = Field(examples=["pao_la_chorrera"])
    reason: Code = Field(examples=["first_orientation"])
    day: PastDay | None = None
    note: Words | None = None


class VisitOut(BaseModel):
    visit_id: UUID
    day: date
    centre: str
    reason: str
    note: str | None
