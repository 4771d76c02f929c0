"""The HTTP interface of allocations."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.web import WorkOut, accepted

from planning.budget.allocations import commands, jobs, queries
from planning.budget.allocations.schemas import AllocationOut, OverrideIn
from planning.callers import Authority, Planner, Reader

router = APIRouter(tags=["budget"])


@router.post("/plans/{plan_id}/allocation", status_code=202)
async def allocate_budget(unit: Planner, plan_id: UUID, response: Response) -> WorkOut:
    """Allocate the budget by the reviewed ballots: Equal Shares, exact, with the account of who paid for what."""
    return accepted(await jobs.request_allocation(unit, plan_id), response)


@router.get("/plans/{plan_id}/allocation")
async def read_allocation(unit: Reader, plan_id: UUID) -> AllocationOut:
    """Read the current allocation."""
    return AllocationOut.model_validate(await queries.current_allocation(unit, plan_id))


@router.get("/plans/{plan_id}/allocations")
async def list_allocations(unit: Reader, plan_id: UUID) -> list[AllocationOut]:
    """List all allocations, also overridden ones, the latest first."""
    allocations = await queries.list_allocations(unit, plan_id)
    return [AllocationOut.model_validate(allocation) for allocation in allocations]


@router.post("/plans/{plan_id}/override")
async def override_allocation(
    unit: Authority, plan_id: UUID, body: OverrideIn, response: Response
) -> AllocationOut:
    """Override the allocation by the ballots, with a reason and your signature."""
    response.headers["Location"] = f"/plans/{plan_id}/allocation"
    return AllocationOut.model_validate(await commands.override_allocation(unit, plan_id, body))
