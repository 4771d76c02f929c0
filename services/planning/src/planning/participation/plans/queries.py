"""An agency's plans, their needs, and what is published of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from planning.participation.plans.models import Need, Plan, PublishedPlan


def plans(unit: UnitOfWork) -> Select[Plan]:
    """The agency's own, and those it works on."""
    me = unit.principal.agency
    shared = select(Share.root).where(Share.agency == me)
    return select(Plan).where(or_(Plan.agency == me, Plan.id.in_(shared)))


async def needs(unit: UnitOfWork, plan_id: UUID) -> Sequence[Need]:
    """The most severe first. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Need).where(Need.root == plan_id).order_by(Need.severity.desc(), Need.created, Need.id)
        )
    ).all()


async def published(session: AsyncSession, plan_id: UUID) -> PublishedPlan:
    """Raises NotFound while nothing is published."""
    plan = await session.get(PublishedPlan, plan_id)
    if plan is None:
        raise NotFound(f"nothing is published of a plan {plan_id}")
    return plan
