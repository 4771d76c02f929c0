"""HTTP of budget lines and their books."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, page_of, shared

from cash.accounting.budget_lines import queries
from cash.accounting.budget_lines.models import BudgetLine
from cash.accounting.budget_lines.schemas import AccountOut, BudgetLineOut, TransferOut
from cash.accounting.ledger.models import Transfer

router = APIRouter(tags=["budget lines"])
Reader = Annotated[
    UnitOfWork,
    shared(
        Duty.CASH_MAKER,
        Duty.CASH_CHECKER,
        Duty.CASH_RELEASER,
        Duty.AUDITOR,
        Duty.AUTHORITY,
        Duty.PLANNER,
    ),
]


@router.get("/budget-lines")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[BudgetLineOut]:
    """Your budget lines and those you may draw on, the newest first."""
    query = queries.lines(unit)
    return await page_of(unit.session, query, cursor, BudgetLineOut.model_validate, by=BudgetLine)


@router.get("/budget-lines/{line_id}")
async def read(unit: Reader, line_id: UUID) -> BudgetLineOut:
    """One budget line."""
    return BudgetLineOut.model_validate(await unit.get(BudgetLine, line_id))


@router.get("/budget-lines/{line_id}/accounts")
async def accounts(unit: Reader, line_id: UUID) -> list[AccountOut]:
    """What stands on each account of a line."""
    await unit.get(BudgetLine, line_id)
    return [AccountOut.model_validate(account) for account in await queries.accounts(unit, line_id)]


@router.get("/budget-lines/{line_id}/transfers")
async def transfers(unit: Reader, line_id: UUID, cursor: Annotated[Cursor, Depends()]) -> Page[TransferOut]:
    """Every movement of your line's money, the newest first; of another's line, those that your agency made."""
    await unit.get(BudgetLine, line_id)
    query = queries.transfers(line_id)
    return await page_of(unit.session, query, cursor, lambda each: _shown(unit, each), by=Transfer)


def _shown(unit: UnitOfWork, transfer: Transfer) -> TransferOut:
    """Which payment it was for is known to the agency that pays."""
    shown = TransferOut.model_validate(transfer)
    mine = transfer.drawn_by == unit.principal.agency
    return shown if mine else shown.model_copy(update={"payment": None})
