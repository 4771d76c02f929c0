"""A plan's actions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.database import UnitOfWork
from sqlalchemy import select

from planning.actions.models import Action
from planning.plans.models import Plan


async def actions(unit: UnitOfWork, plan_id: UUID) -> Sequence[Action]:
    """In the order in which they were proposed. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Action).where(Action.root == plan_id).order_by(Action.created, Action.id)
        )
    ).all()
