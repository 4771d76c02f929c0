from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency

from intake.instance import Held
from intake.registry.access_log.models import log_access
from intake.registry.people import commands, queries
from intake.registry.people.schemas import Identity, Payout, PersonOut, StatusIn

router = APIRouter(tags=["people"])
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]
CaseWorker = Annotated[UnitOfWork, agency(Duty.CASE_WORKER, Duty.FRONT_DESK)]


@router.get("/people/{person_id}")
async def read(unit: Desk, held: Held, person_id: UUID) -> PersonOut:
    """One person of the caller's agency; the reading is logged."""
    found = await queries.person(unit, held, person_id)
    log_access(unit, person_id, "person_read")
    return found


@router.post("/people/{person_id}/status")
async def change_status(
    unit: CaseWorker, held: Held, person_id: UUID, body: StatusIn, response: Response
) -> PersonOut:
    """Confirms a provisional registration, or marks a registered person as verified."""
    await commands.move(unit, person_id, body.to)
    response.headers["Location"] = f"/people/{person_id}"
    return await queries.person(unit, held, person_id)


@router.put("/people/{person_id}/identity")
async def correct(unit: Desk, held: Held, person_id: UUID, body: Identity) -> PersonOut:
    """Corrects what identifies the person; it takes the place of all that was written before."""
    await commands.correct(unit, held, person_id, body)
    return await queries.person(unit, held, person_id)


@router.put("/people/{person_id}/payout")
async def pay_to(unit: CaseWorker, held: Held, person_id: UUID, body: Payout) -> Payout:
    """Where money can reach the person. Kept sealed; told only to cash, at the time of paying, under consent."""
    await commands.pay_to(unit, held, person_id, body)
    return body
