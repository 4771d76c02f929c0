"""The commands by which the government validates or returns a plan."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.events import planning as events
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import ShareLevel, UnitOfWork

from planning.budget.allocations.queries import selected_actions
from planning.budget.validation.models import BudgetLine
from planning.budget.validation.schemas import PlanValidationIn
from planning.participation.actions import commands as actions
from planning.participation.actions.models import Action
from planning.participation.actions.queries import feasible_actions
from planning.participation.plans import commands as plans
from planning.participation.plans.models import Plan
from planning.participation.publication.commands import publish_plan


async def validate_plan(unit: UnitOfWork, plan_id: UUID, body: PlanValidationIn) -> Plan:
    """Validate a plan by an act, which creates its budget lines and decides on every feasible action.

    The agencies that may draw on a line can read the plan from now on. Raises NotFound, TransitionNotAllowed,
    ActorNotAllowed for another agency's authority, and Invalid for a draw on an action that was not selected.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.validate(unit.principal.agency, body.act_number)
    selected = await selected_actions(unit, plan)
    feasible = await feasible_actions(unit, plan)
    funded = [action for action in feasible if action.id in selected]
    lines = await _create_budget_lines(unit, plan, funded, body)
    for action in feasible:
        if action.id in selected:
            actions.accept_action(unit, plan, action)
        else:
            actions.leave_action_unfunded(unit, plan, action)
    drawing = {agency for line in lines for agency in line.may_draw} - {plan.agency}
    for agency in sorted(drawing):
        if not await plans.is_partner(unit, plan, agency):
            plans.share_plan(unit, plan, agency, ShareLevel.DRAW)
    await unit.flush()
    await publish_plan(unit, plan)
    unit.publish(
        events.PlanValidated(
            plan_id=plan.id, act_number=body.act_number, budget_lines=[_event_fields(line) for line in lines]
        ),
        about=plan,
        parties=sorted(drawing),
    )
    return plan


async def return_plan(unit: UnitOfWork, plan_id: UUID, reason: str) -> Plan:
    """Return a plan to its planners with a reason.

    Raises NotFound, TransitionNotAllowed, and ActorNotAllowed for another agency's authority.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.return_to_planners(unit.principal.agency, reason)
    await unit.flush()
    await publish_plan(unit, plan)
    unit.publish(events.PlanReturned(plan_id=plan.id, reason=reason), about=plan)
    return plan


async def _create_budget_lines(
    unit: UnitOfWork, plan: Plan, funded: Sequence[Action], body: PlanValidationIn
) -> list[BudgetLine]:
    funded_ids = {action.id for action in funded}
    faults = [
        Fault(f"/may_draw/{n}/action_id", "This action was not selected, so it has no budget line.")
        for n, right in enumerate(body.may_draw)
        if right.action_id not in funded_ids
    ]
    if faults:
        raise Invalid("Agencies can draw only on the budget lines of selected actions.", *faults)
    may_draw = {right.action_id: sorted(set(right.agencies)) for right in body.may_draw}
    lines = [
        BudgetLine(
            agency=plan.agency,
            root=plan.id,
            action_id=action.id,
            perspective=action.perspective,
            currency=plan.currency,
            amount_minor=action.cost_minor,
            may_draw=may_draw.get(action.id, []),
        )
        for action in funded
    ]
    unit.add(*lines)
    await unit.flush()
    return lines


def _event_fields(line: BudgetLine) -> events.BudgetLine:
    return events.BudgetLine(
        budget_line_id=line.id,
        action_id=line.action_id,
        perspective=line.perspective,
        currency=line.currency,
        amount_minor=line.amount_minor,
        may_draw=line.may_draw,
    )
