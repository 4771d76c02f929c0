"""The HTTP interface of plan lines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, created, page_of, shared, where_given

from market.plan.lines import commands, queries
from market.plan.lines.models import PlanLine
from market.plan.lines.rules import PlanLineState
from market.plan.lines.schemas import PlanLineIn, PlanLineOut
from market.study.assessments.models import Assessment

router = APIRouter(tags=["plan lines"])

Analyst = Annotated[UnitOfWork, agency(Duty.MARKET_ANALYST)]
Reader = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY, Duty.PLANNER)]


@router.post("/assessments/{assessment_id}/plan-lines", status_code=201)
async def propose_plan_line(
    unit: Analyst, assessment_id: UUID, body: PlanLineIn, response: Response
) -> PlanLineOut:
    """Propose a line for a territorial plan."""
    line = await commands.propose_plan_line(unit, assessment_id, **dict(body))
    return PlanLineOut.model_validate(created(line, response))


@router.get("/assessments/{assessment_id}/plan-lines")
async def list_plan_lines(
    unit: Reader,
    assessment_id: UUID,
    cursor: Annotated[UpdatedCursor, Depends()],
    state: PlanLineState | None = None,
) -> Page[PlanLineOut]:
    """List the plan lines of an assessment, the newest first."""
    await unit.get(Assessment, assessment_id)
    query = where_given(queries.plan_lines(assessment_id), {PlanLine.state: state})
    return await page_of(unit.session, query, cursor, PlanLineOut.model_validate, by=PlanLine)


@router.get("/plan-lines/{plan_line_id}")
async def read_plan_line(unit: Reader, plan_line_id: UUID) -> PlanLineOut:
    """Read a plan line, with the decision of the planning service."""
    return PlanLineOut.model_validate(await unit.get(PlanLine, plan_line_id))
