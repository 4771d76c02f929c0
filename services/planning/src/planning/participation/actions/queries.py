"""A plan's actions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.participation.actions.models import Action
from planning.participation.plans.models import Plan


async def actions(unit: UnitOfWork, plan_id: UUID) -> Sequence[Action]:
    """In the order in which they were proposed. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Action).where(Action.root == plan_id).order_by(Action.created, Action.id)
        )
    ).all()
