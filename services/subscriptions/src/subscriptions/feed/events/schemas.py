"""The answers of the API about events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class FeedEvent(BaseModel):
    """An event as a CloudEvent in JSON form. `agency` is the event's owner."""

    specversion: str = "1.0"
    id: UUID
    type: str = Field(examples=["org.solidary.referrals.referral.accepted.v1"])
    source: str = Field(examples=["/pa/referrals"])
    subject: str = Field(description="The aggregate's id")
    time: datetime
    agency: UUID
    sequence: int = Field(description="The number of the event within its aggregate, from 1")
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class Feed(BaseModel):
    """Events in order. `next` is always present: ask with it again, also when there was no new event."""

    items: list[FeedEvent]
    next: str
    has_more: bool = Field(description="True where more events may be there already")
