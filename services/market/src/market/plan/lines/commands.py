"""The commands on plan lines: one function and one transaction each."""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.market import PlanLineProposed
from solidary.platform.database import ShareLevel, UnitOfWork

from market.plan.lines.models import PlanLine
from market.plan.lines.rules import PlanLineState, require_sector
from market.study.assessments.commands import share_with_municipality
from market.study.assessments.models import Assessment
from market.study.assessments.rules import AssessmentState, require_proposing
from market.study.findings.queries import has_sector


async def propose_plan_line(
    unit: UnitOfWork,
    assessment_id: UUID,
    *,
    plan_id: UUID,
    title: str,
    sector: str,
    currency: str,
    cost_minor: int,
) -> PlanLine:
    """Propose a line for a territorial plan and publish it. The planning service answers with an event.

    Raises NotFound, NotAllowed.
    """
    assessment = await unit.lock(Assessment, assessment_id)
    require_proposing(AssessmentState(assessment.state), assessment.actor(unit.principal.agency))
    require_sector(await has_sector(unit, assessment.id, sector))
    line = PlanLine(
        assessment_id=assessment.id,
        plan_id=plan_id,
        title=title,
        sector=sector,
        currency=currency,
        cost_minor=cost_minor,
        state=PlanLineState.PROPOSED,
    )
    unit.add(line)
    await unit.flush()
    share_with_municipality(unit, assessment, line.id, ShareLevel.READ)
    unit.publish(
        PlanLineProposed(
            plan_line_id=line.id,
            assessment_id=assessment.id,
            plan_id=plan_id,
            municipality=assessment.municipality,
            title=title,
            sector=sector,
            currency=currency,
            cost_minor=cost_minor,
        ),
        about=line,
        parties=[assessment.municipality],
    )
    return line


async def accept_plan_line(unit: UnitOfWork, plan_line_id: UUID, action_id: UUID) -> None:
    """Record that a plan line became an action of its plan."""
    (await unit.lock(PlanLine, plan_line_id)).accept(action_id)


async def reject_plan_line(unit: UnitOfWork, plan_line_id: UUID, action_id: UUID, reason: str) -> None:
    """Record that the action of a plan line was rejected, with the reason."""
    (await unit.lock(PlanLine, plan_line_id)).reject(action_id, reason)
