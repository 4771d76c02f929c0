"""The HTTP interface of a plan's steps."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.web import created

from planning.callers import Planner
from planning.participation.plans.schemas import PlanOut
from planning.participation.polling.dependencies import BallotSecret
from planning.participation.steps import commands
from planning.participation.steps.schemas import PlanStepIn

router = APIRouter(tags=["plans"])


@router.post("/plans/{plan_id}/advance")
async def advance_plan(
    unit: Planner, plan_id: UUID, body: PlanStepIn, response: Response, secret: BallotSecret
) -> PlanOut:
    """Take the plan one step further; the problem names what is missing for the step."""
    return PlanOut.model_validate(
        created(await commands.advance_plan(unit, plan_id, body.to, secret), response)
    )
