"""The steps of the queue: arriving, being called, being served, leaving."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import func, select

from intake.centres.places.models import Centre
from intake.centres.queue.models import QueueTicket
from intake.centres.queue.rules import MOST_TICKETS, TicketState
from intake.problems import CentreClosed, QueueEmpty
from intake.registry.people.models import Person


async def arrive(unit: UnitOfWork, centre_id: UUID, person_id: UUID | None) -> QueueTicket:
    """Give somebody the next number of today. Raises NotFound, Invalid, CentreClosed."""
    centre = await unit.get(Centre, centre_id)
    if not centre.is_open:
        raise CentreClosed
    if person_id is not None and await unit.session.get(Person, person_id) is None:
        raise Invalid(
            "There is no such person within your agency's reach.",
            Fault("/person_id", "Search for the person first, or leave the field out."),
        )
    await lock_by_name(unit, f"queue {centre_id} {unit.today}")
    last = await unit.session.scalar(
        select(func.max(QueueTicket.number)).where(
            QueueTicket.centre_id == centre_id, QueueTicket.day == unit.today
        )
    )
    if (last or 0) >= MOST_TICKETS:
        raise CentreClosed(f"A day has at most {MOST_TICKETS:,} numbers.")
    ticket = QueueTicket(
        centre_id=centre_id,
        day=unit.today,
        number=(last or 0) + 1,
        person_id=person_id,
        state=TicketState.WAITING,
    )
    unit.add(ticket)
    await unit.flush()
    return ticket


async def call_next(unit: UnitOfWork, centre_id: UUID) -> QueueTicket:
    """Call the person who has waited longest today; two desks never call the same. Raises NotFound, QueueEmpty."""
    await unit.get(Centre, centre_id)
    waiting = (
        select(QueueTicket)
        .where(
            QueueTicket.centre_id == centre_id,
            QueueTicket.day == unit.today,
            QueueTicket.state == TicketState.WAITING,
        )
        .order_by(QueueTicket.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    ticket = await unit.session.scalar(waiting)
    if ticket is None:
        raise QueueEmpty
    ticket.change_state(TicketState.CALLED, unit.now)
    return ticket


async def change_state(unit: UnitOfWork, ticket_id: UUID, to: TicketState) -> QueueTicket:
    """Move a ticket. Raises NotFound, TransitionNotAllowed."""
    ticket = await unit.lock(QueueTicket, ticket_id)
    ticket.change_state(to, unit.now)
    return ticket
