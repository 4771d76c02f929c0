"""HTTP of actions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import shared

from planning.participation.actions import commands, queries
from planning.participation.actions.models import Action
from planning.participation.actions.schemas import ActionIn, ActionOut, ActionsOut, CostIn, VerdictIn

router = APIRouter(tags=["actions"])

Planner = Annotated[UnitOfWork, shared(Duty.PLANNER)]
Facilitator = Annotated[UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR)]
Reader = Annotated[
    UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.MARKET_ANALYST, Duty.AUDITOR)
]


@router.post("/plans/{plan_id}/actions", status_code=201)
async def propose(unit: Facilitator, plan_id: UUID, body: ActionIn, response: Response) -> ActionOut:
    """Propose an action that answers needs of the plan."""
    action = await commands.propose(unit, plan_id, body)
    response.headers["Location"] = f"/actions/{action.id}"
    return ActionOut.model_validate(action)


@router.get("/plans/{plan_id}/actions")
async def list_(unit: Reader, plan_id: UUID) -> ActionsOut:
    """The plan's actions, those from the market assessment too, in the order in which they were proposed."""
    found = await queries.actions(unit, plan_id)
    return ActionsOut(actions=[ActionOut.model_validate(action) for action in found])


@router.get("/actions/{action_id}")
async def read(unit: Reader, action_id: UUID) -> ActionOut:
    """One action."""
    return ActionOut.model_validate(await unit.get(Action, action_id))


@router.post("/actions/{action_id}/cost")
async def cost(unit: Planner, action_id: UUID, body: CostIn, response: Response) -> ActionOut:
    """Say what the action costs; possible until costs are published."""
    response.headers["Location"] = f"/actions/{action_id}"
    return ActionOut.model_validate(await commands.cost(unit, action_id, body.cost_minor))


@router.post("/actions/{action_id}/verdict")
async def judge(unit: Planner, action_id: UUID, body: VerdictIn, response: Response) -> ActionOut:
    """Say whether the action can be done; why not is published."""
    response.headers["Location"] = f"/actions/{action_id}"
    return ActionOut.model_validate(await commands.judge(unit, action_id, body))
