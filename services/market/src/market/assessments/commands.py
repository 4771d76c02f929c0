"""What analysts and municipalities do with an assessment."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.language.events.market import BarrierIdentified, PlanLineProposed
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import func, select

from market.assessments import rules
from market.assessments.models import Assessment, Barrier, PlanLine, Sector
from market.assessments.rules import LineState, State
from market.assessments.schemas import AssessmentIn, BarrierIn, PlanLineIn, SectorIn


async def design(unit: UnitOfWork, said: AssessmentIn) -> Assessment:
    """A new assessment; the municipality that leads along sees it and may act on it from now on."""
    id_ = uuid4()
    assessment = Assessment(id=id_, root=id_, state=State.DESIGNED, **said.model_dump())
    unit.add(assessment)
    await unit.flush()
    await _share(unit, assessment.id, assessment, ShareLevel.ACT)
    return assessment


async def agree(unit: UnitOfWork, assessment_id: UUID) -> Assessment:
    """The municipality agrees to lead along."""
    assessment = await unit.lock(Assessment, assessment_id)
    assessment.agree(unit.principal.agency)
    return assessment


async def advance(unit: UnitOfWork, assessment_id: UUID, to: State) -> Assessment:
    """One step on."""
    assessment = await unit.lock(Assessment, assessment_id)
    assessment.advance(to)
    return assessment


async def record_sector(unit: UnitOfWork, assessment_id: UUID, said: SectorIn) -> Sector:
    """What was found of a sector."""
    assessment = await unit.lock(Assessment, assessment_id)
    rules.require_findings(State(assessment.state))
    sector = Sector(agency=assessment.agency, root=assessment.id, **said.model_dump())
    unit.add(sector)
    await unit.flush()
    return sector


async def identify_barrier(unit: UnitOfWork, assessment_id: UUID, said: BarrierIn) -> Barrier:
    """What stands between people and work in a sector."""
    assessment = await unit.lock(Assessment, assessment_id)
    rules.require_findings(State(assessment.state))
    factors = ("severity", "share_affected", "removability")
    thousandths = {factor: round(getattr(said, factor) * 1000) for factor in factors}
    barrier = Barrier(
        agency=assessment.agency, root=assessment.id, **said.model_dump(exclude=set(factors)), **thousandths
    )
    unit.add(barrier)
    await unit.flush()
    unit.publish(
        BarrierIdentified(
            barrier_id=barrier.id,
            assessment_id=assessment.id,
            sector=said.ciiu,
            kind=said.kind,
            scope=said.scope,
        ),
        about=assessment,
        parties=[assessment.co_lead],
    )
    return barrier


async def propose_plan_line(unit: UnitOfWork, assessment_id: UUID, said: PlanLineIn) -> PlanLine:
    """A line for a territorial plan; planning makes it an action, and answers."""
    assessment = await unit.lock(Assessment, assessment_id)
    sectors = await unit.session.scalar(
        select(func.count()).select_from(Sector).where(Sector.root == assessment.id, Sector.ciiu == said.ciiu)
    )
    rules.require_proposals(State(assessment.state), sectors or 0)
    id_ = uuid4()
    line = PlanLine(
        id=id_, root=id_, assessment_id=assessment.id, state=LineState.PROPOSED, **said.model_dump()
    )
    unit.add(line)
    await unit.flush()
    await _share(unit, line.id, assessment, ShareLevel.READ)
    unit.publish(
        PlanLineProposed(
            plan_line_id=line.id,
            assessment_id=assessment.id,
            plan_id=line.plan_id,
            title=line.title,
            sector=line.ciiu,
            currency=line.currency,
            cost_minor=line.cost_minor,
        ),
        about=line,
        parties=[assessment.co_lead],
    )
    return line


async def _share(unit: UnitOfWork, root: UUID, assessment: Assessment, level: ShareLevel) -> None:
    unit.add(
        share(
            root=root,
            owner=assessment.agency,
            agency=assessment.co_lead,
            level=level,
            why="joint_programme",
            reference=assessment.id,
            sort=unit.now,
        )
    )
