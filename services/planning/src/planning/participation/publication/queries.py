"""The query of a published plan."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from planning.participation.publication.models import PublishedPlan


async def get_published_plan(session: AsyncSession, plan_id: UUID) -> PublishedPlan:
    """Return the public version of a plan. Raises NotFound for a plan that is not published."""
    plan = await session.get(PublishedPlan, plan_id)
    if plan is None:
        raise NotFound(f"No plan with the id {plan_id} is published.")
    return plan
