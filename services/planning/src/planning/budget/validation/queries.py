"""Queries of a plan's budget lines."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.budget.validation.models import BudgetLine


async def budget_lines_of_plan(unit: UnitOfWork, plan_id: UUID) -> Sequence[BudgetLine]:
    """Return the budget lines of a plan that was read before."""
    return (
        await unit.session.scalars(
            select(BudgetLine).where(BudgetLine.root == plan_id).order_by(BudgetLine.created, BudgetLine.id)
        )
    ).all()
