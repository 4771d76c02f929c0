"""The HTTP API of programmes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.external_ids import ExternalId, with_external_ids
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, created, page_of, versioned, where_given
from sqlalchemy import select

from cash.idempotency_required import IDEMPOTENCY_REQUIRED
from cash.targeting.programmes import commands, queries
from cash.targeting.programmes.models import Programme, debtor_of
from cash.targeting.programmes.schemas import Code, DebtorIn, DebtorOut, ProgrammeIn, ProgrammeOut

router = APIRouter(tags=["programmes"], dependencies=IDEMPOTENCY_REQUIRED)
Maker = Annotated[UnitOfWork, agency(Duty.CASH_MAKER)]
_READERS = (Duty.CASH_MAKER, Duty.CASH_CHECKER, Duty.CASH_RELEASER, Duty.AUDITOR)
Reader = Annotated[UnitOfWork, agency(*_READERS, Duty.SOFTWARE_ENROL)]
DebtorReader = Annotated[UnitOfWork, agency(*_READERS)]


@router.post("/programmes", status_code=201)
async def start_programme(unit: Maker, body: ProgrammeIn, response: Response) -> ProgrammeOut:
    """Start a programme on a budget line that your agency owns or may draw on."""
    programme = created(await commands.start_programme(unit, body), response)
    return await queries.show(unit, programme)


@router.get("/programmes")
async def list_programmes(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    budget_line_id: UUID | None = None,
    purpose: Annotated[Code | None, Query()] = None,
    takes_referrals: bool | None = None,
) -> Page[ProgrammeOut]:
    """List your agency's programmes, the newest first."""
    wanted = {
        Programme.budget_line_id: budget_line_id,
        Programme.purpose: purpose,
        Programme.takes_referrals: takes_referrals,
    }
    own = where_given(select(Programme).where(Programme.agency == unit.principal.agency), wanted)
    page = await page_of(unit.session, own, cursor, ProgrammeOut.model_validate, by=Programme)
    items = await with_external_ids(unit, "programme", {each.id: each for each in page.items})
    return page.model_copy(update={"items": items})


@router.get("/programmes/{programme_id}")
@versioned(Programme, ExternalId)
async def read_programme(unit: Reader, programme_id: UUID) -> ProgrammeOut:
    """Read one programme."""
    return await queries.show(unit, await unit.get(Programme, programme_id))


@router.get("/programmes/{programme_id}/debtor")
async def read_debtor(unit: DebtorReader, programme_id: UUID) -> DebtorOut:
    """Read the party whose account pays the plans that are computed from now on."""
    await unit.get(Programme, programme_id)
    return DebtorOut.model_validate(await debtor_of(unit, programme_id))


@router.post("/programmes/{programme_id}/debtor", status_code=201)
async def correct_debtor(unit: Maker, programme_id: UUID, body: DebtorIn, response: Response) -> DebtorOut:
    """Correct the party whose account pays. A plan keeps the one with which its amounts were computed."""
    response.headers["Location"] = f"/programmes/{programme_id}/debtor"
    return DebtorOut.model_validate(await commands.correct_debtor(unit, programme_id, body))
