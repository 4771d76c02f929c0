"""Lists of assessments and of what they found."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Share, UnitOfWork
from sqlalchemy import Select, or_, select

from market.assessments.models import Assessment, Barrier, PlanLine, Sector


def assessments(unit: UnitOfWork) -> Select[Assessment]:
    """The agency's own, and those it leads along."""
    me = unit.principal.agency
    led_along = select(Share.root).where(Share.agency == me)
    return select(Assessment).where(or_(Assessment.agency == me, Assessment.id.in_(led_along)))


async def findings(unit: UnitOfWork, assessment_id: UUID) -> tuple[list[Sector], list[Barrier]]:
    """Sectors by code, barriers by priority. Raises NotFound."""
    await unit.get(Assessment, assessment_id)
    sectors = await unit.session.scalars(
        select(Sector).where(Sector.root == assessment_id).order_by(Sector.ciiu)
    )
    barriers = await unit.session.scalars(select(Barrier).where(Barrier.root == assessment_id))
    return list(sectors), sorted(barriers, key=lambda barrier: (-barrier.priority, barrier.created))


def plan_lines(assessment_id: UUID) -> Select[PlanLine]:
    return select(PlanLine).where(PlanLine.assessment_id == assessment_id)
