"""The queue of a day, and the figures of days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.centres.places.models import Centre
from intake.centres.queue.models import QueueTicket
from intake.centres.queue.rules import MOST_TICKETS, TicketState, TicketTimes, day_figures
from intake.centres.queue.schemas import DayOut, QueueOut, TicketOut

MOST_DAYS = 62


async def show_queue(
    unit: UnitOfWork, centre_id: UUID, day: date | None, state: TicketState | None
) -> QueueOut:
    """Return the queue of a day, or of today; the figures are of all its tickets. Raises NotFound."""
    await unit.get(Centre, centre_id)
    day = day or unit.today
    of_day = select(QueueTicket).where(QueueTicket.centre_id == centre_id, QueueTicket.day == day)
    ordered = of_day.order_by(QueueTicket.number).limit(MOST_TICKETS)
    tickets = (await unit.session.scalars(ordered)).all()
    items = [ticket_out(each, unit.now) for each in tickets if state in (None, each.state)]
    return QueueOut(**_figures(day, [each.times for each in tickets], unit.now), items=items)


async def list_days(unit: UnitOfWork, centre_id: UUID, until: date | None) -> list[DayOut]:
    """Return the figures of two months of days, the newest first. Raises NotFound."""
    await unit.get(Centre, centre_id)
    last = until or unit.today
    rows = await unit.session.execute(
        select(QueueTicket.day, QueueTicket.state, QueueTicket.created, QueueTicket.called).where(
            QueueTicket.centre_id == centre_id,
            QueueTicket.day <= last,
            QueueTicket.day > last - timedelta(days=MOST_DAYS),
        )
    )
    days: dict[date, list[TicketTimes]] = defaultdict(list)
    for day, state, arrived, called in rows:
        days[day].append(TicketTimes(state, arrived, called))
    return [DayOut(**_figures(day, days[day], unit.now)) for day in sorted(days, reverse=True)]


def ticket_out(ticket: QueueTicket, now: datetime) -> TicketOut:
    """Return the schema of a ticket."""
    return TicketOut(
        ticket_id=ticket.id,
        centre_id=ticket.centre_id,
        day=ticket.day,
        number=ticket.number,
        state=TicketState(ticket.state),
        arrived_at=ticket.created,
        called_at=ticket.called,
        ended_at=ticket.ended,
        waited_minutes=ticket.times.waited_minutes(now),
        person_id=ticket.person_id,
    )


def _figures(day: date, tickets: list[TicketTimes], now: datetime) -> dict[str, date | int | None]:
    return {"day": day, **day_figures(tickets, now)._asdict()}
