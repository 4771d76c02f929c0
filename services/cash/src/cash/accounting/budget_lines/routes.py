"""The HTTP API of budget lines and their ledger."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, page_of, shared, where_given

from cash.accounting.budget_lines import queries
from cash.accounting.budget_lines.models import BudgetLine
from cash.accounting.budget_lines.schemas import BudgetLineBalanceOut
from cash.accounting.ledger import queries as ledger
from cash.accounting.ledger.models import Transfer
from cash.accounting.ledger.schemas import AccountOut, TransferOut

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
async def list_budget_lines(
    unit: Reader,
    cursor: Annotated[UpdatedCursor, Depends()],
    action_id: UUID | None = None,
) -> Page[BudgetLineBalanceOut]:
    """List your budget lines and those that you may draw on, the newest first."""
    query = where_given(queries.visible_lines(unit), {BudgetLine.action_id: action_id})
    return await page_of(unit.session, query, cursor, BudgetLineBalanceOut.model_validate, by=BudgetLine)


@router.get("/budget-lines/{line_id}")
async def read_budget_line(unit: Reader, line_id: UUID) -> BudgetLineBalanceOut:
    """Read one budget line."""
    return BudgetLineBalanceOut.model_validate(await unit.get(BudgetLine, line_id))


@router.get("/budget-lines/{line_id}/accounts")
async def list_accounts(unit: Reader, line_id: UUID) -> list[AccountOut]:
    """List the accounts of a budget line with their balances."""
    await unit.get(BudgetLine, line_id)
    return [AccountOut.model_validate(account) for account in await ledger.accounts_of(unit, line_id)]


@router.get("/budget-lines/{line_id}/transfers")
async def list_transfers(
    unit: Reader, line_id: UUID, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[TransferOut]:
    """List the transfers of a budget line, the newest first: all of your own line, yours of another agency's line."""
    await unit.get(BudgetLine, line_id)
    query = ledger.transfers_of(line_id)
    return await page_of(unit.session, query, cursor, lambda each: _shown(unit, each), by=Transfer)


def _shown(unit: UnitOfWork, transfer: Transfer) -> TransferOut:
    """Return a transfer; the payment that it was for is shown to the agency that drew only."""
    shown = TransferOut.model_validate(transfer)
    is_own = transfer.drawn_by == unit.principal.agency
    return shown if is_own else shown.model_copy(update={"payment_id": None})
