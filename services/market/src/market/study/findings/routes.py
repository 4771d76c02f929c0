"""The HTTP interface of findings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import shared

from market.study.findings import commands, queries
from market.study.findings.schemas import BarrierIn, FindingsOut, SectorIn

router = APIRouter(tags=["findings"])

Lead = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY)]
"""An analyst or authority of the agency or of the municipality."""
Reader = Annotated[UnitOfWork, shared(Duty.MARKET_ANALYST, Duty.AUTHORITY, Duty.PLANNER)]


@router.post("/assessments/{assessment_id}/sectors", status_code=201)
async def record_sector(unit: Lead, assessment_id: UUID, body: SectorIn, response: Response) -> FindingsOut:
    """Record the figures of a sector. The answer has all findings of the assessment."""
    await commands.record_sector(unit, assessment_id, **dict(body))
    return await _recorded(unit, assessment_id, response)


@router.post("/assessments/{assessment_id}/barriers", status_code=201)
async def identify_barrier(
    unit: Lead, assessment_id: UUID, body: BarrierIn, response: Response
) -> FindingsOut:
    """Record a barrier. The answer has all findings of the assessment."""
    await commands.identify_barrier(unit, assessment_id, **dict(body))
    return await _recorded(unit, assessment_id, response)


@router.get("/assessments/{assessment_id}/findings")
async def read_findings(unit: Reader, assessment_id: UUID) -> FindingsOut:
    """Read the sectors, and the barriers with the highest priority first."""
    return await _findings(unit, assessment_id)


async def _recorded(unit: UnitOfWork, assessment_id: UUID, response: Response) -> FindingsOut:
    response.headers["Location"] = f"/assessments/{assessment_id}/findings"
    return await _findings(unit, assessment_id)


async def _findings(unit: UnitOfWork, assessment_id: UUID) -> FindingsOut:
    sectors, barriers = await queries.findings(unit, assessment_id)
    return FindingsOut.model_validate({"sectors": sectors, "barriers": barriers}, from_attributes=True)
