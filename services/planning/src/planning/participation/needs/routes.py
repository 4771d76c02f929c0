"""The HTTP interface of needs."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from planning.callers import PlannerOrFacilitator, Reader
from planning.participation.needs import commands, queries
from planning.participation.needs.schemas import CommunityNeedIn, CommunityNeedOut, NeedsOut

router = APIRouter(tags=["plans"])


@router.post("/plans/{plan_id}/needs", status_code=201)
async def record_need(
    unit: PlannerOrFacilitator, plan_id: UUID, body: CommunityNeedIn, response: Response
) -> NeedsOut:
    """Record a need that a community raised; the answer contains all needs."""
    await commands.record_need(unit, plan_id, body)
    response.headers["Location"] = f"/plans/{plan_id}/needs"
    return await list_needs(unit, plan_id)


@router.get("/plans/{plan_id}/needs")
async def list_needs(unit: Reader, plan_id: UUID) -> NeedsOut:
    """List the plan's needs, the most severe first."""
    needs = await queries.needs_of_plan(unit, plan_id)
    return NeedsOut(needs=[CommunityNeedOut.model_validate(need) for need in needs])
