"""Queries of a plan's allocations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.budget.allocations.models import Allocation
from planning.participation.plans.models import Plan


async def list_allocations(unit: UnitOfWork, plan_id: UUID) -> Sequence[Allocation]:
    """Return all allocations of a plan, also overridden ones, the latest first. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Allocation)
            .where(Allocation.root == plan_id)
            .order_by(Allocation.created.desc(), Allocation.id)
        )
    ).all()


async def current_allocation(unit: UnitOfWork, plan_id: UUID) -> Allocation:
    """Return the latest allocation of a plan. Raises NotFound before there is one."""
    allocations = await list_allocations(unit, plan_id)
    if not allocations:
        raise NotFound("The budget of this plan is not allocated yet.")
    return allocations[0]


async def selected_actions(unit: UnitOfWork, plan: Plan) -> Sequence[UUID]:
    """Return the actions that the latest allocation of the present round selected."""
    latest = (
        select(Allocation.selected)
        .where(Allocation.root == plan.id, Allocation.round == plan.round)
        .order_by(Allocation.created.desc(), Allocation.id)
        .limit(1)
    )
    return (await unit.session.scalars(latest)).one()
