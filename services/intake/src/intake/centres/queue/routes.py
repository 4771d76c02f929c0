"""The routes of the queue."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.centres.queue import commands, queries
from intake.centres.queue.models import QueueTicket
from intake.centres.queue.rules import TicketState
from intake.centres.queue.schemas import DaysOut, QueueOut, TicketIn, TicketOut, TicketStateIn

router = APIRouter(tags=["queue"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]


@router.post("/centres/{centre_id}/queue", status_code=201)
async def arrive(unit: Desk, centre_id: UUID, body: TicketIn, response: Response) -> TicketOut:
    """Give somebody who arrives the next number of today."""
    ticket = created(await commands.arrive(unit, centre_id, body.person_id), response)
    return queries.ticket_out(ticket, unit.now)


@router.post("/centres/{centre_id}/queue/next")
async def call_next(unit: Desk, centre_id: UUID, response: Response) -> TicketOut:
    """Call the person who has waited longest today. Two desks never call the same number."""
    ticket = created(await commands.call_next(unit, centre_id), response)
    return queries.ticket_out(ticket, unit.now)


@router.get("/centres/{centre_id}/queue")
async def show_queue(
    unit: Desk, centre_id: UUID, day: date | None = None, state: TicketState | None = None
) -> QueueOut:
    """Show the queue of today, or of another day, by number; the figures are of the whole day."""
    return await queries.show_queue(unit, centre_id, day, state)


@router.get("/centres/{centre_id}/queue-days")
async def list_queue_days(unit: Desk, centre_id: UUID, until: date | None = None) -> DaysOut:
    """List the figures of the two months up to today, or to another day, the newest first."""
    return DaysOut(items=await queries.list_days(unit, centre_id, until))


@router.get("/queue-tickets/{ticket_id}")
async def read_ticket(unit: Desk, ticket_id: UUID) -> TicketOut:
    """Read a ticket."""
    return queries.ticket_out(await unit.get(QueueTicket, ticket_id), unit.now)


@router.post("/queue-tickets/{ticket_id}/state")
async def change_ticket_state(
    unit: Desk, ticket_id: UUID, body: TicketStateIn, response: Response
) -> TicketOut:
    """Call a number out of order, put it back, or end it as served or left."""
    ticket = created(await commands.change_state(unit, ticket_id, body.to), response)
    return queries.ticket_out(ticket, unit.now)
