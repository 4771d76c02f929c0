"""The routes of legal holds."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds import commands, queries
from intake.registry.legal_holds.models import LegalHold
from intake.registry.legal_holds.schemas import LegalHoldIn, LegalHoldOut
from intake.registry.people.queries import get_part

router = APIRouter(tags=["legal-holds"])
Officer = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER)]


@router.post("/people/{person_id}/legal-holds", status_code=201)
async def place_legal_hold(
    unit: Officer, person_id: UUID, body: LegalHoldIn, response: Response
) -> LegalHoldOut:
    """Keep a person's record for proceedings until a day: nobody erases it before."""
    return LegalHoldOut.model_validate(created(await commands.place(unit, person_id, body), response))


@router.get("/people/{person_id}/legal-holds")
async def list_legal_holds(unit: Officer, person_id: UUID) -> list[LegalHoldOut]:
    """List a person's holds, the oldest first: those for proceedings and those that payments bring."""
    return [LegalHoldOut.model_validate(hold) for hold in await queries.list_holds(unit, person_id)]


@router.get("/people/{person_id}/legal-holds/{legal_hold_id}")
async def read_legal_hold(unit: Officer, person_id: UUID, legal_hold_id: UUID) -> LegalHoldOut:
    """Read a hold."""
    return LegalHoldOut.model_validate(
        await get_part(unit, LegalHold, person_id, legal_hold_id, AccessAction.LEGAL_HOLDS_READ)
    )


@router.post("/people/{person_id}/legal-holds/{legal_hold_id}/lift")
async def lift_legal_hold(
    unit: Officer, person_id: UUID, legal_hold_id: UUID, response: Response
) -> LegalHoldOut:
    """End a hold for proceedings before its day."""
    hold = await commands.lift(unit, person_id, legal_hold_id)
    return LegalHoldOut.model_validate(created(hold, response))
