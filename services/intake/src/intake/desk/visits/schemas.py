"""The API schemas of visits."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.fields import LocalCode, NoteText, PastDay, RequestBody


class VisitIn(RequestBody):
    """A person's visit to a centre."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"centre": "pao_la_chorrera", "reason": "first_orientation", "day": "2026-08-05"}]
        }
    )

    centre: LocalCode = Field(examples=["pao_la_chorrera"])
    reason: LocalCode = Field(examples=["first_orientation"])
    day: PastDay | None = None
    note: NoteText | None = None


class VisitOut(BaseModel):
    """A visit as it was recorded."""

    visit_id: UUID
    day: date
    centre: str
    reason: str
    note: str | None
