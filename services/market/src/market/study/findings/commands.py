"""The commands on findings: one function and one transaction each."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.market import BarrierIdentified
from solidary.language.problems import Conflict
from solidary.platform.database import UnitOfWork
from sqlalchemy import func, select

from market.study.assessments.models import Assessment
from market.study.assessments.rules import AssessmentState, require_recording
from market.study.findings.models import Barrier, Sector
from market.study.findings.rules import BarrierKind, BarrierScope

MAX_BARRIERS = 1000
"""The most barriers of an assessment, whose findings are answered whole."""


async def record_sector(
    unit: UnitOfWork,
    assessment_id: UUID,
    *,
    code: str,
    employment_before: int,
    employment_after: int,
    self_employed_after: int,
    vacancies: int,
) -> Sector:
    """Record the figures of a sector. Raises NotFound, NotAllowed, SectorAlreadyRecorded."""
    assessment = await _lock_for_recording(unit, assessment_id)
    sector = Sector(
        agency=assessment.agency,
        root=assessment.id,
        code=code,
        employment_before=employment_before,
        employment_after=employment_after,
        self_employed_after=self_employed_after,
        vacancies=vacancies,
    )
    unit.add(sector)
    await unit.flush()
    return sector


async def identify_barrier(
    unit: UnitOfWork,
    assessment_id: UUID,
    *,
    sector: str,
    kind: BarrierKind,
    scope: BarrierScope,
    severity: float,
    share_affected: float,
    removability: float,
) -> Barrier:
    """Record a barrier and publish it. The three factors lie between 0 and 1.

    Raises NotFound, NotAllowed, and Conflict where the assessment has 1,000 barriers.
    """
    assessment = await _lock_for_recording(unit, assessment_id)
    recorded = select(func.count()).where(Barrier.root == assessment.id)
    if (await unit.session.scalar(recorded) or 0) >= MAX_BARRIERS:
        raise Conflict(f"An assessment has at most {MAX_BARRIERS:,} barriers. Join those that are alike.")
    barrier = Barrier(
        agency=assessment.agency,
        root=assessment.id,
        sector=sector,
        kind=kind,
        scope=scope,
        severity=round(severity * 1000),
        share_affected=round(share_affected * 1000),
        removability=round(removability * 1000),
    )
    unit.add(barrier)
    await unit.flush()
    unit.publish(
        BarrierIdentified(
            barrier_id=barrier.id, assessment_id=assessment.id, sector=sector, kind=kind, scope=scope
        ),
        about=assessment,
        parties=[assessment.municipality],
    )
    return barrier


async def _lock_for_recording(unit: UnitOfWork, assessment_id: UUID) -> Assessment:
    assessment = await unit.lock(Assessment, assessment_id)
    require_recording(AssessmentState(assessment.state))
    return assessment
