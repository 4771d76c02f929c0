"""The accounts and transfers of a budget line."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import Select, select

from cash.accounting.ledger.models import Account, Transfer


async def accounts_of(unit: UnitOfWork, line: UUID) -> Sequence[Account]:
    """Return the accounts of a budget line, by name."""
    query = select(Account).where(Account.root == line).order_by(Account.name)
    return (await unit.session.scalars(query)).all()


def transfers_of(line: UUID) -> Select[Transfer]:
    """Return the query for the transfers of a budget line that the acting agency may see."""
    return select(Transfer).where(Transfer.root == line)
