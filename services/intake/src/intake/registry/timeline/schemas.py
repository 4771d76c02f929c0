"""The API schema of a timeline."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class TimelineItem(BaseModel):
    """An event in a person's case: its kind, its time, and the id of what it is about."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    at: datetime
    reference: UUID | None
