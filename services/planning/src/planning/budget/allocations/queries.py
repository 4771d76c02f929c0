"""A plan's allocation and its budget lines."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.budget.allocations.models import Allocation, BudgetLine
from planning.participation.plans.models import Plan


async def allocations(unit: UnitOfWork, plan_id: UUID) -> Sequence[Allocation]:
    """The latest first, overridden ones too. Raises NotFound for a plan out of reach."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Allocation)
            .where(Allocation.root == plan_id)
            .order_by(Allocation.created.desc(), Allocation.id)
        )
    ).all()


async def allocation(unit: UnitOfWork, plan_id: UUID) -> Allocation:
    """The one that counts. Raises NotFound before there is one."""
    found = await allocations(unit, plan_id)
    if not found:
        raise NotFound("nothing is allocated yet")
    return found[0]


async def budget_lines(unit: UnitOfWork, plan_id: UUID) -> Sequence[BudgetLine]:
    return (
        await unit.session.scalars(
            select(BudgetLine).where(BudgetLine.root == plan_id).order_by(BudgetLine.created, BudgetLine.id)
        )
    ).all()
