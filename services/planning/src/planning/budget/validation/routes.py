"""The HTTP interface of the government's act and budget lines."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork

from planning.budget.validation import commands, queries
from planning.budget.validation.schemas import (
    BudgetLineOut,
    GovernmentActOut,
    PlanReturnIn,
    PlanValidationIn,
)
from planning.callers import Authority, Reader
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState

router = APIRouter(tags=["budget"])


@router.post("/plans/{plan_id}/validate")
async def validate_plan(
    unit: Authority, plan_id: UUID, body: PlanValidationIn, response: Response
) -> GovernmentActOut:
    """Validate the plan by an act, which creates its budget lines."""
    response.headers["Location"] = f"/plans/{plan_id}/act"
    return await _act_of(unit, await commands.validate_plan(unit, plan_id, body))


@router.post("/plans/{plan_id}/return")
async def return_plan(
    unit: Authority, plan_id: UUID, body: PlanReturnIn, response: Response
) -> GovernmentActOut:
    """Return the plan to its planners, with the reason."""
    response.headers["Location"] = f"/plans/{plan_id}/act"
    return await _act_of(unit, await commands.return_plan(unit, plan_id, body.reason))


@router.get("/plans/{plan_id}/act")
async def read_act(unit: Reader, plan_id: UUID) -> GovernmentActOut:
    """Read the government's decision and the budget lines."""
    return await _act_of(unit, await unit.get(Plan, plan_id))


async def _act_of(unit: UnitOfWork, plan: Plan) -> GovernmentActOut:
    lines = await queries.budget_lines_of_plan(unit, plan.id)
    return GovernmentActOut(
        plan_id=plan.id,
        state=PlanState(plan.state),
        act_number=plan.act_number,
        reason=plan.reason,
        budget_lines=[BudgetLineOut.model_validate(line) for line in lines],
    )
