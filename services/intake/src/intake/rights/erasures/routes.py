"""The routes of erasures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, created

from intake.rights.erasures import commands
from intake.rights.erasures.models import Erasure
from intake.rights.erasures.schemas import ErasureIn, ErasureOut

router = APIRouter(tags=["erasures"])
Officer = Annotated[UnitOfWork, agency(Duty.DATA_PROTECTION_OFFICER)]


@router.post("/people/{person_id}/erasure", status_code=201)
async def erase_person(unit: Officer, person_id: UUID, body: ErasureIn, response: Response) -> ErasureOut:
    """Erase a person for good: no key, no backup and no colleague brings them back.

    Refused while a payment may be on its way, an audit may ask for it, or a hold for proceedings lasts; `errors` states
    until when.
    """
    erasure = await commands.erase(unit, person_id, body.reason)
    return ErasureOut.model_validate(created(erasure, response))


@router.get("/people/{person_id}/erasure")
async def read_erasure(unit: Officer, person_id: UUID) -> ErasureOut:
    """Read when and why a person was erased."""
    return ErasureOut.model_validate(await unit.get(Erasure, person_id))
