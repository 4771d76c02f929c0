"""Lists of findings."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from market.study.assessments.models import Assessment
from market.study.findings.models import Barrier, Sector


async def findings(unit: UnitOfWork, assessment_id: UUID) -> tuple[list[Sector], list[Barrier]]:
    """Return an assessment's sectors by code, and its barriers with the highest priority first. Raises NotFound."""
    await unit.get(Assessment, assessment_id)
    sectors = await unit.session.scalars(
        select(Sector).where(Sector.root == assessment_id).order_by(Sector.code)
    )
    barriers = await unit.session.scalars(select(Barrier).where(Barrier.root == assessment_id))
    return list(sectors), sorted(barriers, key=lambda barrier: (-barrier.priority, barrier.created))


async def has_sector(unit: UnitOfWork, assessment_id: UUID, code: str) -> bool:
    """Return whether an assessment has recorded a sector."""
    recorded = select(Sector.id).where(Sector.root == assessment_id, Sector.code == code)
    return await unit.session.scalar(recorded.limit(1)) is not None
