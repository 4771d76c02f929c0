"""Tickets of the queue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from solidary.platform.database import Aggregate, timestamp
from sqlalchemy.orm import Mapped

from intake.centres.queue.rules import TICKET_TRANSITIONS, QueueActor, TicketState, TicketTimes


class QueueTicket(Aggregate):
    """A number of one day at a centre. `person_id` is forgotten after some days; the number and the times stay."""

    __tablename__ = "queue_ticket"
    __location__ = "/queue-tickets/{id}"

    centre_id: Mapped[UUID]
    day: Mapped[date]
    number: Mapped[int]
    person_id: Mapped[UUID | None]
    state: Mapped[str]
    called: Mapped[timestamp | None]
    ended: Mapped[timestamp | None]

    @property
    def times(self) -> TicketTimes:
        """The state and the times, as the figures of a day take them."""
        return TicketTimes(self.state, self.created, self.called)

    def change_state(self, to: TicketState, at: datetime) -> None:
        """Move the ticket. Raises TransitionNotAllowed."""
        self.state = TICKET_TRANSITIONS.move(TicketState(self.state), to, (QueueActor.DESK,))
        match self.state:
            case TicketState.CALLED:
                self.called = at
            case TicketState.WAITING:
                self.called = None
            case _:
                self.ended = at
