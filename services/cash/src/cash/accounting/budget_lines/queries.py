"""Budget lines, and what stands on them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select

from cash.accounting.budget_lines.models import BudgetLine
from cash.accounting.ledger.models import Account, Transfer


def lines(unit: UnitOfWork) -> Select[BudgetLine]:
    """The agency's own, and those it may draw on."""
    me = unit.principal.agency
    drawn = select(Share.root).where(Share.agency == me)
    return select(BudgetLine).where(or_(BudgetLine.agency == me, BudgetLine.id.in_(drawn)))


async def accounts(unit: UnitOfWork, line: UUID) -> Sequence[Account]:
    query = select(Account).where(Account.root == line).order_by(Account.name)
    return (await unit.session.scalars(query)).all()


def transfers(line: UUID) -> Select[Transfer]:
    return select(Transfer).where(Transfer.root == line)
