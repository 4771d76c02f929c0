"""The command that takes a planner's step."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from planning.participation.actions import commands as actions
from planning.participation.actions.models import actions_of
from planning.participation.actions.rules import ActionState
from planning.participation.ballots.commands import count_ballots
from planning.participation.needs.queries import communities_with_needs
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState
from planning.participation.polling import round_state
from planning.participation.polling.commands import require_polling
from planning.participation.publication.commands import publish_plan
from planning.participation.steps.rules import PlanContent, missing_for
from planning.problems import StepRequirementMissing


async def advance_plan(unit: UnitOfWork, plan_id: UUID, to: PlanState, ballot_secret: bytes) -> Plan:
    """Take a planner's step to a state, with its consequences.

    Costs are fixed when they are published, ballots are counted when they are reviewed, and actions are open again
    after a return. Raises NotFound, TransitionNotAllowed, ActorNotAllowed, StepRequirementMissing, BallotBoxUnreadable.
    """
    plan = await unit.lock(Plan, plan_id)
    content = await _content_of(unit, plan)
    before = plan.state
    plan.advance(to)
    if missing := missing_for(to, content):
        raise StepRequirementMissing(missing)
    if to is PlanState.COSTS_PUBLISHED:
        await actions.publish_costs(unit, plan)
    if to is PlanState.BALLOTS_REVIEWED:
        await require_polling(unit, plan)
        await count_ballots(unit, plan, ballot_secret)
    if before == PlanState.RETURNED:
        await actions.reopen_actions(unit, plan)
    if plan.diagnosis is not None:
        await publish_plan(unit, plan)
    return plan


async def _content_of(unit: UnitOfWork, plan: Plan) -> PlanContent:
    cards = await round_state.card_counts(unit, plan.id, plan.round)
    return PlanContent(
        is_diagnosed=plan.diagnosis is not None,
        communities_with_needs=await communities_with_needs(unit, plan),
        actions=[
            (ActionState(action.state), action.cost_minor)
            for action in await unit.session.scalars(actions_of(plan.id))
        ],
        budget=plan.budget_minor,
        ballots=sum(counts.cast for counts in cards.values()),
        open_stations=await round_state.open_stations(unit, plan),
        selected_actions=plan.selected_actions,
    )
