"""The commands that propose actions, cost them, judge them and decide on them."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.language.events.market import PlanLineProposed
from solidary.language.events.planning import ActionAccepted, ActionRejected
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import func, select

from planning.participation.actions.models import Action, actions_of
from planning.participation.actions.rules import ActionState
from planning.participation.actions.schemas import ActionIn, FeasibilityVerdictIn
from planning.participation.needs.models import Need
from planning.participation.plans.commands import is_partner, require_room
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState

MAX_ACTIONS = 200
"""The most actions of a plan, which is also the most that one ballot approves."""
MAX_PLAN_LINES = 100
"""The most actions of a plan that come from market assessments; the others are for the people of the plan."""
PROPOSED_IN = frozenset({PlanState.CO_CREATION})
JUDGED_IN = frozenset({PlanState.FEASIBILITY})
COSTED_IN = PROPOSED_IN | JUDGED_IN
FULL = f"The plan has {MAX_PLAN_LINES} actions from market assessments, or {MAX_ACTIONS} in all. It takes no more."
PLAN_LINES_RECEIVED_IN = COSTED_IN | {PlanState.DRAFT, PlanState.DIAGNOSIS, PlanState.NEEDS_AGREED}
"""The states before costs are published, in which lines of a market assessment become actions."""


async def propose_action(unit: UnitOfWork, plan_id: UUID, body: ActionIn) -> Action:
    """Propose an action for needs of the plan.

    Raises NotFound, PlanInAnotherState, Invalid for unknown needs, and Conflict where the plan has 200 actions.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(PROPOSED_IN, "Actions can be proposed")
    await require_room(unit, Action, plan, MAX_ACTIONS)
    known = set(await unit.session.scalars(select(Need.id).where(Need.root == plan.id)))
    faults = [
        Fault(f"/needs/{n}", "This is not a need of the plan.")
        for n, need in enumerate(body.needs)
        if need not in known
    ]
    if faults:
        raise Invalid("An action must answer needs of its plan.", *faults)
    action = Action(agency=plan.agency, root=plan.id, **body.model_dump())
    unit.add(action)
    await unit.flush()
    return action


async def receive_plan_line(unit: UnitOfWork, event: PlanLineProposed, proposed_by: UUID) -> None:
    """Make an action from a line that a market assessment proposed, once.

    The assessment must be one that the plan's owner co-leads, or of an agency that works on the plan. Another agency's
    line is ignored like one for an unknown plan, because an answer would disclose that the plan exists. A line that
    comes too late or in another currency becomes an action that is not feasible. One for which the plan has no room
    is rejected and becomes none.
    """
    plan = await unit.lock(Plan, event.plan_id)
    if plan.agency != event.municipality and not await is_partner(unit, plan, proposed_by):
        return
    received = select(Action.id).where(Action.root == plan.id, Action.derived_from == event.plan_line_id)
    if await unit.session.scalar(received):
        return
    room = await _room_for_plan_lines(unit, plan)
    reason = _obstacle(plan, event) if room else FULL
    action = Action(
        id=uuid4(),
        agency=plan.agency,
        root=plan.id,
        title=event.title,
        perspective=event.perspective,
        needs=[],
        cost_minor=event.cost_minor if reason is None else None,
        state=ActionState.PROPOSED if reason is None else ActionState.NOT_FEASIBLE,
        reason=reason,
        costs_published=reason is not None,
        derived_from=event.plan_line_id,
        proposed_by=proposed_by,
    )
    if room:
        unit.add(action)
    if reason is not None:
        _publish_rejection(unit, plan, action, reason)
    await unit.flush()


async def cost_action(unit: UnitOfWork, action_id: UUID, cost_minor: int) -> Action:
    """Record the cost of an action. Raises NotFound, PlanInAnotherState."""
    action, plan = await _lock_with_plan(unit, action_id)
    plan.require_state(COSTED_IN, "Costs can be entered")
    action.cost_minor = cost_minor
    return action


async def judge_action(unit: UnitOfWork, action_id: UUID, body: FeasibilityVerdictIn) -> Action:
    """Record whether an action is feasible.

    Raises NotFound, PlanInAnotherState, and Invalid where an action is not feasible without a reason.
    """
    action, plan = await _lock_with_plan(unit, action_id)
    plan.require_state(JUDGED_IN, "Actions can be judged")
    if not body.feasible and body.reason is None:
        raise Invalid(
            "An action that is not feasible needs a reason, which is published.",
            Fault("/reason", "Give the reason for which the action is not feasible."),
        )
    action.judge(feasible=body.feasible, reason=body.reason)
    return action


async def publish_costs(unit: UnitOfWork, plan: Plan) -> None:
    """Fix the costs of all actions, and publish which of them are not feasible."""
    for action in await unit.session.scalars(actions_of(plan.id)):
        action.costs_published = True
        if not action.is_feasible:
            _publish_rejection(unit, plan, action, action.reason or "The action is not feasible.")
    await unit.flush()


async def reopen_actions(unit: UnitOfWork, plan: Plan) -> None:
    """Make all actions of a returned plan proposals again."""
    for action in await unit.session.scalars(actions_of(plan.id)):
        action.reopen()
    await unit.flush()


def accept_action(unit: UnitOfWork, plan: Plan, action: Action) -> None:
    """Accept an action into the validated plan and publish it. Raises TransitionNotAllowed."""
    action.accept()
    unit.publish(
        ActionAccepted(action_id=action.id, plan_id=plan.id, derived_from=action.derived_from),
        about=plan,
        parties=_proposers(action),
    )


def leave_action_unfunded(unit: UnitOfWork, plan: Plan, action: Action) -> None:
    """Leave a feasible action out of the validated plan and publish it. Raises TransitionNotAllowed."""
    action.leave_unfunded()
    _publish_rejection(unit, plan, action, "The budget does not pay for this action: it was not selected.")


def _publish_rejection(unit: UnitOfWork, plan: Plan, action: Action, reason: str) -> None:
    unit.publish(
        ActionRejected(action_id=action.id, plan_id=plan.id, derived_from=action.derived_from, reason=reason),
        about=plan,
        parties=_proposers(action),
    )


def _proposers(action: Action) -> list[UUID]:
    return [action.proposed_by] if action.proposed_by else []


async def _lock_with_plan(unit: UnitOfWork, action_id: UUID) -> tuple[Action, Plan]:
    """Lock an action and, as every command does, its plan before it, so that commands cannot deadlock."""
    action = await unit.get(Action, action_id)
    plan = await unit.lock(Plan, action.root)
    return await unit.lock(Action, action_id), plan


async def _room_for_plan_lines(unit: UnitOfWork, plan: Plan) -> bool:
    counts = select(func.count(), func.count(Action.derived_from)).where(Action.root == plan.id)
    actions, plan_lines = (await unit.session.execute(counts)).one()
    return bool(actions < MAX_ACTIONS and plan_lines < MAX_PLAN_LINES)


def _obstacle(plan: Plan, event: PlanLineProposed) -> str | None:
    """Return the reason for which a plan line cannot become a proposal, if any."""
    if PlanState(plan.state) not in PLAN_LINES_RECEIVED_IN:
        return "The costs of the plan are published already."
    if event.currency != plan.currency:
        return f"The plan is in {plan.currency}, but the line is in {event.currency}."
    return None
