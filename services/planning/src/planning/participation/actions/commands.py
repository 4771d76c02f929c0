"""Proposing actions, costing and judging them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

from solidary.language.events.market import PlanLineProposed
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.participation.actions.models import Action
from planning.participation.actions.schemas import ActionIn, VerdictIn
from planning.participation.plans import commands as plans
from planning.participation.plans.models import Need, Plan
from planning.participation.plans.rules import (
    ACTIONS_OPEN,
    COSTS_OPEN,
    JUDGED_IN,
    PROPOSALS_OPEN,
    State,
    Verdict,
)


async def propose(unit: UnitOfWork, plan_id: UUID, said: ActionIn) -> Action:
    """An action that answers needs of the plan."""
    plan = await unit.lock(Plan, plan_id)
    plan.require(ACTIONS_OPEN, "actions are proposed")
    known = set(await unit.session.scalars(select(Need.id).where(Need.root == plan.id)))
    if faults := [
        Fault(f"/needs/{n}", "is no need of this plan")
        for n, need in enumerate(said.needs)
        if need not in known
    ]:
        raise Invalid("an action answers needs of its plan", *faults)
    action = Action(agency=plan.agency, root=plan.id, **said.model_dump())
    unit.add(action)
    await unit.flush()
    return action


async def take_up(
    unit: UnitOfWork, event: PlanLineProposed, proposed_by: UUID, parties: Collection[UUID]
) -> None:
    """An action from a line that the market assessment proposes.

    From an assessment that the plan's owner leads along (it is then a party), or of an agency that works on the
    plan; another's line gets no answer, as one for a plan that is not here: an answer would tell that there is one.
    What comes too late is refused, with a trace.
    """
    plan = await unit.lock(Plan, event.plan_id)
    if plan.agency not in parties and not await plans.is_partner(unit, plan, proposed_by):
        return
    seen = select(Action.id).where(Action.root == plan.id, Action.derived_from == event.plan_line_id)
    if await unit.session.scalar(seen):
        return
    action = Action(
        id=uuid4(),
        agency=plan.agency,
        root=plan.id,
        title=event.title,
        perspective=event.perspective,
        needs=[],
        derived_from=event.plan_line_id,
        proposed_by=proposed_by,
    )
    unit.add(action)
    if (reason := _untakeable(plan, event)) is None:
        action.cost_minor = event.cost_minor
    else:
        action.verdict, action.reason, action.frozen = Verdict.UNFEASIBLE, reason, True
        plans.reject(unit, plan, action, reason)
    await unit.flush()


async def cost(unit: UnitOfWork, action_id: UUID, cost_minor: int) -> Action:
    """What the action costs, in minor units of the plan's currency."""
    action, plan = await _with_plan(unit, action_id)
    plan.require(COSTS_OPEN, "actions are costed")
    action.cost_minor = cost_minor
    return action


async def judge(unit: UnitOfWork, action_id: UUID, said: VerdictIn) -> Action:
    """Whether the action can be done; why not, where it cannot."""
    action, plan = await _with_plan(unit, action_id)
    plan.require(JUDGED_IN, "actions are judged")
    action.verdict = Verdict.FEASIBLE if said.feasible else Verdict.UNFEASIBLE
    action.reason = said.reason
    return action


async def _with_plan(unit: UnitOfWork, action_id: UUID) -> tuple[Action, Plan]:
    """The plan is locked before its action, as in every command: nobody waits in a circle."""
    action = await unit.get(Action, action_id)
    plan = await unit.lock(Plan, action.root)
    return await unit.lock(Action, action_id), plan


def _untakeable(plan: Plan, event: PlanLineProposed) -> str | None:
    if State(plan.state) not in PROPOSALS_OPEN:
        return "the plan's costs are published already"
    if event.currency != plan.currency:
        return f"the plan counts in {plan.currency}, the line in {event.currency}"
    return None
