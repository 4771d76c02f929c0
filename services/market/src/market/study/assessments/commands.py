"""The commands on market assessments: one function and one transaction each."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share

from market.study.assessments.models import Assessment
from market.study.assessments.rules import AssessmentState


async def design(
    unit: UnitOfWork, *, title: str, area: str, municipality: UUID, fieldwork_starts_on: date | None
) -> Assessment:
    """Design an assessment. From now on the municipality sees it and may act on it."""
    assessment = Assessment(
        title=title,
        area=area,
        municipality=municipality,
        fieldwork_starts_on=fieldwork_starts_on,
        state=AssessmentState.DESIGNED,
    )
    unit.add(assessment)
    await unit.flush()
    share_with_municipality(unit, assessment, assessment.id, ShareLevel.ACT)
    return assessment


async def agree(unit: UnitOfWork, assessment_id: UUID) -> Assessment:
    """Record that the municipality agrees to lead the assessment. Raises NotFound, NotAllowed."""
    assessment = await unit.lock(Assessment, assessment_id)
    assessment.agree(assessment.actor(unit.principal.agency))
    return assessment


async def advance(unit: UnitOfWork, assessment_id: UUID, to: AssessmentState) -> Assessment:
    """Bring an assessment to its next state. Raises NotFound, NotAllowed."""
    assessment = await unit.lock(Assessment, assessment_id)
    assessment.advance(to, assessment.actor(unit.principal.agency))
    return assessment


def share_with_municipality(unit: UnitOfWork, assessment: Assessment, root: UUID, level: ShareLevel) -> None:
    """Give the municipality access to the assessment or to an aggregate that depends on it, such as a plan line."""
    unit.add(
        share(
            root=root,
            owner=assessment.agency,
            agency=assessment.municipality,
            level=level,
            reason="joint_programme",
            reference=assessment.id,
        )
    )
