"""The answers of the API about deliveries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from subscriptions.webhooks.deliveries.rules import DeliveryState, Failure


class DeliveryOut(BaseModel):
    """A delivery, with the outcome of its newest attempt. What the receiver answered is kept as its status only."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    event_id: UUID
    type: str
    subject: str
    state: DeliveryState
    attempts: int
    status: int | None = Field(description="The HTTP status of the newest answer")
    failure: Failure | None
    due: datetime = Field(description="The time of the next attempt, where it is waiting")
    delivered: datetime | None
    created: datetime


class TestResult(BaseModel):
    """The outcome of a test event."""

    accepted: bool
    status: int | None
    failure: Failure | None
