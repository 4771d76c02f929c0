"""HTTP of allocations, the government's act, and budget lines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import WorkOut, accepted, agency, shared

from planning.budget.allocations import commands, jobs, queries
from planning.budget.allocations.schemas import (
    ActOut,
    AllocationOut,
    BudgetLineOut,
    OverrideIn,
    ReturnIn,
    ValidationIn,
)
from planning.participation.plans.models import Plan

router = APIRouter(tags=["budget"])

Planner = Annotated[UnitOfWork, shared(Duty.PLANNER)]
Authority = Annotated[UnitOfWork, agency(Duty.AUTHORITY)]
Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]


@router.post("/plans/{plan_id}/allocation", status_code=202)
async def allocate(unit: Planner, plan_id: UUID, response: Response) -> WorkOut:
    """Allocate the budget by the reviewed ballots: Equal Shares, exact, with the account of who paid for what."""
    return accepted(await jobs.ask_to_allocate(unit, plan_id), response)


@router.get("/plans/{plan_id}/allocation")
async def allocation(unit: Reader, plan_id: UUID) -> AllocationOut:
    """The allocation that counts."""
    return AllocationOut.model_validate(await queries.allocation(unit, plan_id))


@router.get("/plans/{plan_id}/allocations")
async def allocations(unit: Reader, plan_id: UUID) -> list[AllocationOut]:
    """All allocations, the latest first: what an override replaced stays to be seen."""
    return [AllocationOut.model_validate(each) for each in await queries.allocations(unit, plan_id)]


@router.post("/plans/{plan_id}/override")
async def override(unit: Authority, plan_id: UUID, body: OverrideIn, response: Response) -> AllocationOut:
    """Choose otherwise than the ballots did, with a reason and by name."""
    response.headers["Location"] = f"/plans/{plan_id}/allocation"
    return AllocationOut.model_validate(await commands.override(unit, plan_id, body))


@router.post("/plans/{plan_id}/validate")
async def validate(unit: Authority, plan_id: UUID, body: ValidationIn, response: Response) -> ActOut:
    """Validate the plan by an act: its budget lines come to be."""
    response.headers["Location"] = f"/plans/{plan_id}/act"
    return await _act(unit, await commands.validate(unit, plan_id, body))


@router.post("/plans/{plan_id}/return")
async def send_back(unit: Authority, plan_id: UUID, body: ReturnIn, response: Response) -> ActOut:
    """Return the plan, with the reason."""
    response.headers["Location"] = f"/plans/{plan_id}/act"
    return await _act(unit, await commands.send_back(unit, plan_id, body.reason))


@router.get("/plans/{plan_id}/act")
async def act(unit: Reader, plan_id: UUID) -> ActOut:
    """What the government decided, and the budget lines."""
    return await _act(unit, await unit.get(Plan, plan_id))


async def _act(unit: UnitOfWork, plan: Plan) -> ActOut:
    lines = await queries.budget_lines(unit, plan.id)
    return ActOut(
        plan_id=plan.id,
        state=plan.state,
        act_number=plan.act_number,
        reason=plan.reason,
        budget_lines=[BudgetLineOut.model_validate(line) for line in lines],
    )
