"""The API schemas of the queue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from intake.centres.queue.rules import TicketState
from intake.fields import RequestBody


class TicketIn(RequestBody):
    """A person who arrives at a centre; somebody who is not registered, or does not say who they are, has no id."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    person_id: UUID | None = None


class TicketStateIn(RequestBody):
    """The new state of a ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "served"}]})

    to: TicketState


class TicketOut(BaseModel):
    """A ticket of the queue. It names nobody: `person_id` is for the desk that may open the person."""

    ticket_id: UUID
    centre_id: UUID
    day: date
    number: int
    state: TicketState
    arrived_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    waited_minutes: int = Field(description="Until the call, or until now.")
    person_id: UUID | None


class DayOut(BaseModel):
    """The figures of a day at a centre."""

    day: date
    arrived: int
    waiting: int
    called: int
    served: int
    left: int
    median_wait: int | None = Field(description="Minutes until the call, of those who were called.")


class QueueOut(DayOut):
    """The queue of a day, by number."""

    items: list[TicketOut]


class DaysOut(BaseModel):
    """The figures of days at a centre, the newest first; a day on which nobody came is left out."""

    items: list[DayOut]
