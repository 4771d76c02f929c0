"""Allocating by the ballots, overriding with a reason and a name, and the government's act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solidary.language.events import planning as events
from solidary.language.problems import Fault, Invalid, NotAllowed
from solidary.platform.database import ShareLevel, UnitOfWork
from sqlalchemy import select

from planning.budget.allocations import rules
from planning.budget.allocations.models import Allocation, BudgetLine
from planning.budget.allocations.schemas import OverrideIn, ValidationIn
from planning.engines.allocation import ProgressCallback
from planning.participation.actions.models import Action, Outcome
from planning.participation.ballots import queries as ballots
from planning.participation.plans import commands as plans
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import State, Verdict
from planning.territory.units.models import Tiu

NOT_FUNDED = "the ballots did not choose it within the budget"


@dataclass(frozen=True)
class Election:
    """What a round's ballots choose from: costs and budget in minor units, ballots counted by what they say."""

    round: int
    costs: dict[UUID, int]
    ballots: list[tuple[str, list[UUID], int]]
    budget_minor: int
    decimals: int
    population: dict[str, int] | None

    def choose(self, on_progress: ProgressCallback) -> rules.Choice:
        return rules.choose(
            self.costs,
            self.ballots,
            self.budget_minor,
            self.decimals,
            self.population,
            on_progress=on_progress,
        )


async def may_allocate(unit: UnitOfWork, plan_id: UUID) -> None:
    """Raises NotFound and NotAllowed as `allocate` would."""
    (await unit.lock(Plan, plan_id)).require_reviewed()


async def election(unit: UnitOfWork, plan_id: UUID) -> Election:
    """The plan's, as it stands once the ballots are reviewed; it does not change any more."""
    plan = await unit.get(Plan, plan_id)
    plan.require_reviewed()
    tiu = await unit.get(Tiu, plan.tiu_id)
    return Election(
        plan.round,
        {action.id: action.cost_minor or 0 for action in await _feasible(unit, plan)},
        [(community, approvals, count) for community, approvals, count in await ballots.tally(unit, plan)],
        plan.budget_minor,
        plan.decimals,
        tiu.population["by_community"] if tiu.population else None,
    )


async def allocate(unit: UnitOfWork, plan_id: UUID, round: int, choice: rules.Choice) -> Allocation:
    """What the ballots of this round chose, by Equal Shares, with the account."""
    plan = await unit.lock(Plan, plan_id)
    plan.allocate(round)
    return await _record(
        unit,
        plan,
        Allocation(
            rule=rules.RULE,
            selected=list(choice.selected),
            cost_minor=choice.cost_minor,
            account=choice.account,
        ),
    )


async def override(unit: UnitOfWork, plan_id: UUID, said: OverrideIn) -> Allocation:
    """The owner's authority chooses otherwise, and signs for it; the rule is then `greedy-custom`."""
    plan = await unit.lock(Plan, plan_id)
    plan.require(frozenset({State.ALLOCATED}), "an allocation is overridden")
    if unit.principal.agency != plan.agency:
        raise NotAllowed("the government that owns the plan may override, not who works on it")
    costs = {action.id: action.cost_minor or 0 for action in await _feasible(unit, plan)}
    chosen = list(dict.fromkeys(said.selected))
    faults = [
        Fault(f"/selected/{n}", "is no feasible action of this plan")
        for n, id_ in enumerate(said.selected)
        if id_ not in costs
    ]
    cost = sum(costs.get(action, 0) for action in chosen)
    if cost > plan.budget_minor:
        faults.append(Fault("/selected", f"costs {cost - plan.budget_minor} more than the budget"))
    if faults:
        raise Invalid("the choice does not stand", *faults)
    return await _record(
        unit,
        plan,
        Allocation(
            rule=rules.CUSTOM,
            selected=chosen,
            cost_minor=cost,
            reason=said.reason,
            signer=unit.principal.subject,
        ),
    )


async def validate(unit: UnitOfWork, plan_id: UUID, said: ValidationIn) -> Plan:
    """The government's act: budget lines come to be, and every action hears what became of it.

    Who may draw on a line may read the plan from now on.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.validate(unit.principal.agency, said.act_number)
    chosen = await _selected(unit, plan)
    lines = await _budget_lines(unit, plan, chosen, said)
    for action in await _feasible(unit, plan):
        if action.id in chosen:
            _accept(unit, plan, action)
        else:
            plans.reject(unit, plan, action, NOT_FUNDED)
    drawing = {agency for line in lines for agency in line.may_draw} - {plan.agency}
    for agency in sorted(drawing):
        if not await plans.is_partner(unit, plan, agency):
            plans.open_to(unit, plan, agency, ShareLevel.DRAW)
    await unit.flush()
    await plans.publish(unit, plan)
    unit.publish(
        events.PlanValidated(
            plan_id=plan.id, act_number=said.act_number, budget_lines=[_told(line) for line in lines]
        ),
        about=plan,
        parties=sorted(drawing),
    )
    return plan


async def send_back(unit: UnitOfWork, plan_id: UUID, reason: str) -> Plan:
    """The government returns the plan, and says why."""
    plan = await unit.lock(Plan, plan_id)
    plan.send_back(unit.principal.agency, reason)
    await unit.flush()
    await plans.publish(unit, plan)
    unit.publish(events.PlanReturned(plan_id=plan.id, reason=reason), about=plan)
    return plan


async def _feasible(unit: UnitOfWork, plan: Plan) -> Sequence[Action]:
    return (
        await unit.session.scalars(
            select(Action)
            .where(Action.root == plan.id, Action.verdict == Verdict.FEASIBLE)
            .order_by(Action.created, Action.id)
        )
    ).all()


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


async def _selected(unit: UnitOfWork, plan: Plan) -> list[UUID]:
    """What the latest allocation of the round chose."""
    latest = (
        select(Allocation.selected)
        .where(Allocation.root == plan.id, Allocation.round == plan.round)
        .order_by(Allocation.created.desc(), Allocation.id)
        .limit(1)
    )
    return (await unit.session.scalars(latest)).one()


async def _budget_lines(
    unit: UnitOfWork, plan: Plan, chosen: Sequence[UUID], said: ValidationIn
) -> list[BudgetLine]:
    if faults := [
        Fault(f"/may_draw/{n}/action_id", "is no action that was chosen")
        for n, draw in enumerate(said.may_draw)
        if draw.action_id not in chosen
    ]:
        raise Invalid("only chosen actions have a budget line", *faults)
    may_draw = {draw.action_id: sorted(set(draw.agencies)) for draw in said.may_draw}
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
        for action in await _feasible(unit, plan)
        if action.id in chosen
    ]
    unit.add(*lines)
    await unit.flush()
    return lines


def _accept(unit: UnitOfWork, plan: Plan, action: Action) -> None:
    action.outcome = Outcome.ACCEPTED
    unit.publish(
        events.ActionAccepted(action_id=action.id, plan_id=plan.id, derived_from=action.derived_from),
        about=plan,
        parties=[action.proposed_by] if action.proposed_by else [],
    )


def _told(line: BudgetLine) -> events.BudgetLine:
    return events.BudgetLine(
        budget_line_id=line.id,
        action_id=line.action_id,
        perspective=line.perspective,
        currency=line.currency,
        amount_minor=line.amount_minor,
        may_draw=line.may_draw,
    )
