"""The HTTP interface of actions."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from planning.callers import Planner, PlannerOrFacilitator, Reader
from planning.participation.actions import commands, queries
from planning.participation.actions.models import Action
from planning.participation.actions.schemas import (
    ActionCostIn,
    ActionIn,
    ActionOut,
    ActionsOut,
    FeasibilityVerdictIn,
)

router = APIRouter(tags=["actions"])


@router.post("/plans/{plan_id}/actions", status_code=201)
async def propose_action(
    unit: PlannerOrFacilitator, plan_id: UUID, body: ActionIn, response: Response
) -> ActionOut:
    """Propose an action that answers needs of the plan."""
    return _answer(await commands.propose_action(unit, plan_id, body), response)


@router.get("/plans/{plan_id}/actions")
async def list_actions(unit: Reader, plan_id: UUID) -> ActionsOut:
    """List the plan's actions, including those from a market assessment, in the order of their proposal."""
    actions = await queries.list_actions(unit, plan_id)
    return ActionsOut(actions=[ActionOut.model_validate(action) for action in actions])


@router.get("/actions/{action_id}")
async def read_action(unit: Reader, action_id: UUID) -> ActionOut:
    """Read an action."""
    return ActionOut.model_validate(await unit.get(Action, action_id))


@router.post("/actions/{action_id}/cost")
async def cost_action(unit: Planner, action_id: UUID, body: ActionCostIn, response: Response) -> ActionOut:
    """Enter the cost of an action; possible until costs are published."""
    return _answer(await commands.cost_action(unit, action_id, body.cost_minor), response)


@router.post("/actions/{action_id}/verdict")
async def judge_action(
    unit: Planner, action_id: UUID, body: FeasibilityVerdictIn, response: Response
) -> ActionOut:
    """Judge whether an action is feasible; the reason against it is published."""
    return _answer(await commands.judge_action(unit, action_id, body), response)


def _answer(action: Action, response: Response) -> ActionOut:
    response.headers["Location"] = action.location
    return ActionOut.model_validate(action)
