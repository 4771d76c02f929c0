"""Queries of a plan's actions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork

from planning.participation.actions.models import Action, actions_of
from planning.participation.actions.rules import ActionState
from planning.participation.plans.models import Plan


async def list_actions(unit: UnitOfWork, plan_id: UUID) -> Sequence[Action]:
    """Return a plan's actions in the order in which they were proposed. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (await unit.session.scalars(actions_of(plan_id))).all()


async def feasible_actions(unit: UnitOfWork, plan: Plan) -> Sequence[Action]:
    """Return the plan's feasible actions in the order in which they were proposed."""
    feasible = actions_of(plan.id).where(Action.state == ActionState.FEASIBLE)
    return (await unit.session.scalars(feasible)).all()
