"""Queries of a plan's needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from solidary.language.codes.people import Community
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.participation.needs.models import Need
from planning.participation.plans.models import Plan


async def needs_of_plan(unit: UnitOfWork, plan_id: UUID) -> Sequence[Need]:
    """Return a plan's needs, the most severe first. Raises NotFound."""
    await unit.get(Plan, plan_id)
    return (
        await unit.session.scalars(
            select(Need).where(Need.root == plan_id).order_by(Need.severity.desc(), Need.created, Need.id)
        )
    ).all()


async def communities_with_needs(unit: UnitOfWork, plan: Plan) -> Collection[Community]:
    """Return the communities that raised a need of the plan."""
    communities = await unit.session.scalars(select(Need.community).where(Need.root == plan.id).distinct())
    return [Community(community) for community in communities]
