from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.registry.households.schemas import Code
from intake.registry.people.schemas import PastDay, Strict, Words


class VisitIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"centre": "pao_la_chorrera", "reason": "first_orientation", "day": "2026-08-05"}]
        }
    )

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
