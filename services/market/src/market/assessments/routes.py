"""HTTP of assessments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Cursor, Page, agency, page_of, shared

from market.assessments import commands, queries
from market.assessments.models import Assessment, PlanLine
from market.assessments.schemas import (
    AssessmentIn,
    AssessmentOut,
    BarrierIn,
    FindingsOut,
    PlanLineIn,
    PlanLineOut,
    SectorIn,
    StepIn,
)

router = APIRouter(tags=["assessments"])

Analyst = Annotated[UnitOfWork, agency(Duty.MARKET_ANALYST)]
Leads = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY)]
Reader = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY, Duty.PLANNER)]


@router.post("/assessments", status_code=201)
async def design(unit: Analyst, body: AssessmentIn, response: Response) -> AssessmentOut:
    """Design an assessment, with the municipality that leads along."""
    assessment = await commands.design(unit, body)
    response.headers["Location"] = f"/assessments/{assessment.id}"
    return AssessmentOut.model_validate(assessment)


@router.get("/assessments")
async def list_(unit: Reader, cursor: Annotated[Cursor, Depends()]) -> Page[AssessmentOut]:
    """Your assessments and those you lead along, the newest first."""
    query = queries.assessments(unit)
    return await page_of(unit.session, query, cursor, AssessmentOut.model_validate, by=Assessment)


@router.get("/assessments/{assessment_id}")
async def read(unit: Reader, assessment_id: UUID) -> AssessmentOut:
    """One assessment."""
    return AssessmentOut.model_validate(await unit.get(Assessment, assessment_id))


@router.post("/assessments/{assessment_id}/agree")
async def agree(unit: Leads, assessment_id: UUID, response: Response) -> AssessmentOut:
    """The municipality agrees to lead along."""
    response.headers["Location"] = f"/assessments/{assessment_id}"
    return AssessmentOut.model_validate(await commands.agree(unit, assessment_id))


@router.post("/assessments/{assessment_id}/advance")
async def advance(unit: Leads, assessment_id: UUID, body: StepIn, response: Response) -> AssessmentOut:
    """Go one step on."""
    response.headers["Location"] = f"/assessments/{assessment_id}"
    return AssessmentOut.model_validate(await commands.advance(unit, assessment_id, body.to))


@router.post("/assessments/{assessment_id}/sectors", status_code=201)
async def record_sector(unit: Leads, assessment_id: UUID, body: SectorIn, response: Response) -> FindingsOut:
    """Record what was found of a sector; answers with all findings."""
    await commands.record_sector(unit, assessment_id, body)
    response.headers["Location"] = f"/assessments/{assessment_id}/findings"
    return await _findings(unit, assessment_id)


@router.post("/assessments/{assessment_id}/barriers", status_code=201)
async def identify_barrier(
    unit: Leads, assessment_id: UUID, body: BarrierIn, response: Response
) -> FindingsOut:
    """Record a barrier; answers with all findings."""
    await commands.identify_barrier(unit, assessment_id, body)
    response.headers["Location"] = f"/assessments/{assessment_id}/findings"
    return await _findings(unit, assessment_id)


@router.get("/assessments/{assessment_id}/findings")
async def findings(unit: Reader, assessment_id: UUID) -> FindingsOut:
    """Sectors, and barriers by priority."""
    return await _findings(unit, assessment_id)


@router.post("/assessments/{assessment_id}/plan-lines", status_code=201)
async def propose(unit: Analyst, assessment_id: UUID, body: PlanLineIn, response: Response) -> PlanLineOut:
    """Propose a line for a territorial plan."""
    line = await commands.propose_plan_line(unit, assessment_id, body)
    response.headers["Location"] = f"/plan-lines/{line.id}"
    return PlanLineOut.model_validate(line)


@router.get("/assessments/{assessment_id}/plan-lines")
async def plan_lines(
    unit: Reader, assessment_id: UUID, cursor: Annotated[Cursor, Depends()]
) -> Page[PlanLineOut]:
    """What an assessment proposed, the newest first."""
    await unit.get(Assessment, assessment_id)
    query = queries.plan_lines(assessment_id)
    return await page_of(unit.session, query, cursor, PlanLineOut.model_validate, by=PlanLine)


@router.get("/plan-lines/{plan_line_id}")
async def read_line(unit: Reader, plan_line_id: UUID) -> PlanLineOut:
    """One plan line, with planning's answer."""
    return PlanLineOut.model_validate(await unit.get(PlanLine, plan_line_id))


async def _findings(unit: UnitOfWork, assessment_id: UUID) -> FindingsOut:
    sectors, barriers = await queries.findings(unit, assessment_id)
    return FindingsOut.model_validate({"sectors": sectors, "barriers": barriers}, from_attributes=True)
