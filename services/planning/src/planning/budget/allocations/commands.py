"""The commands that allocate a plan's budget by the ballots, and override an allocation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from solidary.language.events import planning as events
from solidary.language.problems import ActorNotAllowed, Fault, Invalid
from solidary.platform.database import UnitOfWork

from planning.budget.allocations import rules
from planning.budget.allocations.models import Allocation
from planning.budget.allocations.schemas import OverrideIn
from planning.engines.allocation import ProgressCallback
from planning.participation.actions.queries import feasible_actions
from planning.participation.ballots import queries as ballots
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState
from planning.territory.tius.models import Tiu

OVERRIDDEN_IN = frozenset({PlanState.ALLOCATED})


@dataclass(frozen=True)
class Election:
    """The costs, the ballots and the budget of a round; amounts are in minor units, equal ballots are counted."""

    round: int
    costs: dict[UUID, int]
    ballots: list[tuple[str, list[UUID], int]]
    budget_minor: int
    decimals: int
    population: dict[str, int] | None

    def select(self, on_progress: ProgressCallback) -> rules.Selection:
        """Select actions by the ballots; `on_progress` is called with the number of add1 rounds done."""
        return rules.select_by_ballots(
            self.costs,
            self.ballots,
            self.budget_minor,
            self.decimals,
            self.population,
            on_progress=on_progress,
        )


async def require_allocatable(unit: UnitOfWork, plan_id: UUID) -> None:
    """Check that the plan's budget can be allocated now. Raises NotFound, TransitionNotAllowed."""
    (await unit.lock(Plan, plan_id)).require_reviewed_ballots()


async def read_election(unit: UnitOfWork, plan_id: UUID) -> Election:
    """Return the election of the plan's round, which no longer changes once the ballots are reviewed.

    Raises NotFound, TransitionNotAllowed.
    """
    plan = await unit.get(Plan, plan_id)
    plan.require_reviewed_ballots()
    tiu = await unit.get(Tiu, plan.tiu_id)
    return Election(
        plan.round,
        {action.id: action.cost_minor or 0 for action in await feasible_actions(unit, plan)},
        [(community, approvals, count) for community, approvals, count in await ballots.tally(unit, plan)],
        plan.budget_minor,
        plan.decimals,
        None if tiu.population is None else dict(tiu.population.by_community),
    )


async def allocate_budget(
    unit: UnitOfWork, plan_id: UUID, round: int, selection: rules.Selection
) -> Allocation:
    """Record the selection by the ballots of a round.

    Raises NotFound, TransitionNotAllowed, and PlanInAnotherState where the plan is in another round.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.allocate(round, len(selection.actions))
    return await _record(
        unit,
        plan,
        Allocation(
            rule=rules.BALLOT_RULE,
            selected=list(selection.actions),
            cost_minor=selection.cost_minor,
            account=selection.account,
        ),
    )


async def override_allocation(unit: UnitOfWork, plan_id: UUID, body: OverrideIn) -> Allocation:
    """Record a selection by the authority of the plan's owner, with a reason and a signer.

    Raises NotFound, PlanInAnotherState, ActorNotAllowed for another agency's authority, and Invalid for actions that
    are not feasible or exceed the budget.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(OVERRIDDEN_IN, "An allocation can be overridden")
    if unit.principal.agency != plan.agency:
        raise ActorNotAllowed("Only the owning government can override the allocation of a plan.")
    costs = {action.id: action.cost_minor or 0 for action in await feasible_actions(unit, plan)}
    selected = list(dict.fromkeys(body.selected))
    faults = [
        Fault(f"/selected/{n}", "This is not a feasible action of the plan.")
        for n, action_id in enumerate(body.selected)
        if action_id not in costs
    ]
    cost = sum(costs.get(action, 0) for action in selected)
    if cost > plan.budget_minor:
        excess = cost - plan.budget_minor
        faults.append(Fault("/selected", f"The selection costs {excess} minor units more than the budget."))
    if faults:
        raise Invalid("The selection is not possible.", *faults)
    plan.selected_actions = len(selected)
    return await _record(
        unit,
        plan,
        Allocation(
            rule=rules.OVERRIDE_RULE,
            selected=selected,
            cost_minor=cost,
            reason=body.reason,
            signer=unit.principal.subject,
        ),
    )


async def _record(unit: UnitOfWork, plan: Plan, allocation: Allocation) -> Allocation:
    allocation.agency, allocation.root = plan.agency, plan.id
    allocation.round, allocation.budget_minor = plan.round, plan.budget_minor
    unit.add(allocation)
    await unit.flush()
    unit.publish(
        events.AllocationComputed(
            plan_id=plan.id,
            rule=allocation.rule,
            selected=allocation.selected,
            cost_minor=allocation.cost_minor,
            budget_minor=allocation.budget_minor,
        ),
        about=plan,
    )
    return allocation
