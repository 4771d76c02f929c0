from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class TimelineItem(BaseModel):
    """What happened, when, and the id of what it is about."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    at: datetime
    reference: UUID | None
