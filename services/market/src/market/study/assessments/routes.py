"""The HTTP interface of market assessments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import Page, UpdatedCursor, agency, created, page_of, shared, where_given

from market.study.assessments import commands, queries
from market.study.assessments.models import Assessment
from market.study.assessments.rules import AssessmentState
from market.study.assessments.schemas import AssessmentIn, AssessmentOut, NextAssessmentState

router = APIRouter(tags=["assessments"])

Analyst = Annotated[UnitOfWork, agency(Duty.MARKET_ANALYST)]
"""An analyst, for an assessment of the own agency."""
Lead = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY)]
"""An analyst or authority of the agency or of the municipality."""
Agreeing = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY, needs_code=True)]
Reader = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY, Duty.PLANNER)]


@router.post("/assessments", status_code=201)
async def design(unit: Analyst, body: AssessmentIn, response: Response) -> AssessmentOut:
    """Design an assessment and name the municipality that leads it with you."""
    assessment = await commands.design(unit, **dict(body))
    return AssessmentOut.model_validate(created(assessment, response))


@router.get("/assessments")
async def list_assessments(
    unit: Reader, cursor: Annotated[UpdatedCursor, Depends()], state: AssessmentState | None = None
) -> Page[AssessmentOut]:
    """List the assessments of your agency and those that it leads as a municipality, the newest first."""
    query = where_given(queries.assessments(unit), {Assessment.state: state})
    return await page_of(unit.session, query, cursor, AssessmentOut.model_validate, by=Assessment)


@router.get("/assessments/{assessment_id}")
async def read_assessment(unit: Reader, assessment_id: UUID) -> AssessmentOut:
    """Read an assessment."""
    return AssessmentOut.model_validate(await unit.get(Assessment, assessment_id))


@router.post("/assessments/{assessment_id}/agree")
async def agree(unit: Agreeing, assessment_id: UUID, response: Response) -> AssessmentOut:
    """Agree, as the municipality, to lead the assessment."""
    return AssessmentOut.model_validate(created(await commands.agree(unit, assessment_id), response))


@router.post("/assessments/{assessment_id}/advance")
async def advance(
    unit: Lead, assessment_id: UUID, body: NextAssessmentState, response: Response
) -> AssessmentOut:
    """Bring the assessment to its next state."""
    assessment = await commands.advance(unit, assessment_id, body.to)
    return AssessmentOut.model_validate(created(assessment, response))
