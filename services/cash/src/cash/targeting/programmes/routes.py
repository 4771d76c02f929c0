"""HTTP of programmes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of
from sqlalchemy import select

from cash.keyed import KEYED
from cash.targeting.programmes import commands
from cash.targeting.programmes.models import Programme
from cash.targeting.programmes.schemas import ProgrammeIn, ProgrammeOut

router = APIRouter(tags=["programmes"], dependencies=KEYED)
Maker = Annotated[UnitOfWork, agency(Duty.CASH_MAKER)]
Reader = Annotated[UnitOfWork, agency(Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)]


@router.post("/programmes", status_code=201)
async def start(unit: Maker, body: ProgrammeIn, response: Response) -> ProgrammeOut:
    """Start a programme on a budget line that your agency owns or may draw on."""
    programme = await commands.start(unit, body)
    response.headers["Location"] = f"/programmes/{programme.id}"
    return ProgrammeOut.model_validate(programme)


@router.get("/programmes")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[ProgrammeOut]:
    """Your agency's programmes, the newest first."""
    mine = select(Programme).where(Programme.agency == unit.principal.agency)
    return await page_of(unit.session, mine, cursor, ProgrammeOut.model_validate, by=Programme)


@router.get("/programmes/{programme_id}")
async def read(unit: Reader, programme_id: UUID) -> ProgrammeOut:
    """One programme."""
    return ProgrammeOut.model_validate(await unit.get(Programme, programme_id))
