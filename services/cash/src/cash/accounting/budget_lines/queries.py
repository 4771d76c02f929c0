"""The queries of budget lines."""

from __future__ import annotations

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select

from cash.accounting.budget_lines.models import BudgetLine


def visible_lines(unit: UnitOfWork) -> Select[BudgetLine]:
    """Return the query for the agency's own budget lines and those that it may draw on."""
    agency = unit.principal.agency
    shared = select(Share.root).where(Share.agency == agency)
    return select(BudgetLine).where(or_(BudgetLine.agency == agency, BudgetLine.id.in_(shared)))
