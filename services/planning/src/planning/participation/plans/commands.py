"""Opening a plan, sharing the work on it, its diagnosis, its needs, and its steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from solidary.language.codes.people import Community
from solidary.language.country import load_pack
from solidary.language.events.planning import ActionRejected, DiagnosisPublished
from solidary.language.problems import Conflict, Fault, Invalid, NotAllowed
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from planning.budget.allocations.models import Allocation
from planning.participation.actions.models import Action, Outcome
from planning.participation.ballots.models import Ballot
from planning.participation.plans.models import Need, Plan, PublishedPlan
from planning.participation.plans.rules import NEEDS_OPEN, Standing, State, Verdict
from planning.participation.plans.schemas import DiagnosisIn, NeedIn, PlanIn
from planning.territory.units import queries as territory
from planning.territory.units import rules as geography
from planning.territory.units.models import Tiu


async def open_plan(unit: UnitOfWork, said: PlanIn, country: str) -> Plan:
    """A new plan for a unit of intervention of one's own, in a currency of the country."""
    tiu = await unit.get(Tiu, said.tiu_id)
    if tiu.agency != unit.principal.agency:
        raise NotAllowed("a plan is opened by the agency that drew its unit")
    currency = load_pack(country).currency
    accepted = (currency.code, *currency.also_accepted)
    if said.currency not in accepted:
        raise Invalid("the currency is not paid here", Fault("/currency", f"one of {', '.join(accepted)}"))
    id_ = uuid4()
    plan = Plan(id=id_, root=id_, state=State.DRAFT, decimals=currency.minor_units, **said.model_dump())
    unit.add(plan)
    await unit.flush()
    return plan


async def add_partner(unit: UnitOfWork, plan_id: UUID, agency: UUID) -> Plan:
    """Another agency works on the plan too, and sees its unit of intervention."""
    plan = await unit.lock(Plan, plan_id)
    if agency == plan.agency:
        raise Invalid("the plan's owner needs no share", Fault("/agency", "owns the plan"))
    if await is_partner(unit, plan, agency):
        raise Conflict("this agency works on the plan already")
    open_to(unit, plan, agency, ShareLevel.ACT)
    await unit.flush()
    return plan


def open_to(unit: UnitOfWork, plan: Plan, agency: UUID, level: ShareLevel) -> None:
    """Another agency reaches the plan, at a level, and may read its unit of intervention."""
    for root, allowed in ((plan.id, level), (plan.tiu_id, ShareLevel.READ)):
        unit.add(
            share(
                root=root,
                owner=plan.agency,
                agency=agency,
                level=allowed,
                why="joint_programme",
                reference=plan.id,
                sort=plan.created,
            )
        )


async def is_partner(unit: UnitOfWork, plan: Plan, agency: UUID) -> bool:
    """Whether an agency works on the plan, its owner or another."""
    shared = select(Share.id).where(
        Share.root == plan.id, Share.agency == agency, Share.level == ShareLevel.ACT
    )
    return agency == plan.agency or await unit.session.scalar(shared) is not None


async def publish_diagnosis(unit: UnitOfWork, plan_id: UUID, said: DiagnosisIn) -> Plan:
    """What the unit's cells say, as averages with their sources, and what is made of it in words.

    Raises Invalid for an indicator that no cell of the unit has.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require(frozenset({State.DIAGNOSIS}), "a diagnosis is published")
    tiu = await unit.get(Tiu, plan.tiu_id)
    cells = await territory.cells_of_tiu(unit.session, tiu)
    means = geography.averages([cell.indicators for cell in cells])
    chosen = said.indicators or list(means)
    if faults := [
        Fault(f"/indicators/{n}", f"no cell of the unit has {code}")
        for n, code in enumerate(chosen)
        if code not in means
    ]:
        raise Invalid("some indicators are not known here", *faults)
    plan.diagnosis = {
        "summary": said.summary,
        "cells": len(cells),
        "figures": [{"indicator": code, "mean": means[code]} for code in chosen],
        "sources": [
            {name: getattr(source, name) for name in ("title", "publisher", "licence", "period", "synthetic")}
            for source in await territory.datasets_of(unit.session, cells)
        ],
    }
    await publish(unit, plan)
    unit.publish(DiagnosisPublished(plan_id=plan.id, tiu_id=tiu.id), about=plan)
    return plan


async def record_need(unit: UnitOfWork, plan_id: UUID, said: NeedIn) -> Need:
    """A need that a community raised, with its evidence."""
    plan = await unit.lock(Plan, plan_id)
    plan.require(NEEDS_OPEN, "needs are recorded")
    need = Need(
        agency=plan.agency,
        root=plan.id,
        **said.model_dump(exclude={"evidence"}),
        evidence=said.evidence.model_dump(mode="json"),
    )
    unit.add(need)
    await unit.flush()
    return need


async def advance(unit: UnitOfWork, plan_id: UUID, to: State) -> Plan:
    """A planner's step, and what comes with it: costs are frozen once published, open again after a return."""
    plan = await unit.lock(Plan, plan_id)
    before = plan.state
    plan.advance(to, await standing(unit, plan))
    if to is State.COSTS_PUBLISHED:
        await _freeze(unit, plan)
    if before == State.RETURNED:
        await _reopen(unit, plan)
    if plan.diagnosis is not None:
        await publish(unit, plan)
    return plan


async def standing(unit: UnitOfWork, plan: Plan) -> Standing:
    """What the plan has by now."""
    heard = await unit.session.scalars(select(Need.community).where(Need.root == plan.id).distinct())
    actions = await unit.session.execute(
        select(Action.verdict, Action.cost_minor).where(Action.root == plan.id)
    )
    ballots = await unit.session.scalar(
        select(func.count()).select_from(Ballot).where(Ballot.root == plan.id, Ballot.round == plan.round)
    )
    selected = await unit.session.scalar(
        select(func.cardinality(Allocation.selected))
        .where(Allocation.root == plan.id)
        .order_by(Allocation.created.desc())
        .limit(1)
    )
    return Standing(
        diagnosed=plan.diagnosis is not None,
        heard=[Community(community) for community in heard],
        actions=[(Verdict(verdict), cost) for verdict, cost in actions],
        budget=plan.budget_minor,
        ballots=ballots or 0,
        selected=selected or 0,
    )


async def publish(unit: UnitOfWork, plan: Plan) -> None:
    """Writes what everybody may know of the plan anew."""
    tiu = await unit.get(Tiu, plan.tiu_id)
    actions = await unit.session.scalars(
        select(Action).where(Action.root == plan.id).order_by(Action.created, Action.id)
    )
    sheet: dict[str, Any] = {
        "title": plan.title,
        "unit": tiu.label,
        "area": tiu.area,
        "state": plan.state,
        "diagnosis": plan.diagnosis,
        "actions": [
            {
                name: getattr(action, name)
                for name in ("title", "perspective", "cost_minor", "verdict", "reason", "outcome")
            }
            for action in actions
        ],
        "act_number": plan.act_number,
        "updated": unit.now,
    }
    await unit.session.execute(
        insert(PublishedPlan)
        .values(id=plan.id, **sheet)
        .on_conflict_do_update(index_elements=["id"], set_=sheet)
    )


def reject(unit: UnitOfWork, plan: Plan, action: Action, reason: str) -> None:
    """The action is not in the plan; who proposed it hears why."""
    action.outcome = Outcome.REJECTED
    unit.publish(
        ActionRejected(action_id=action.id, plan_id=plan.id, derived_from=action.derived_from, reason=reason),
        about=plan,
        parties=[action.proposed_by] if action.proposed_by else [],
    )


async def _freeze(unit: UnitOfWork, plan: Plan) -> None:
    for action in await unit.session.scalars(select(Action).where(Action.root == plan.id)):
        action.frozen = True
        if not action.feasible:
            reject(unit, plan, action, action.reason or "not feasible")
    await unit.flush()


async def _reopen(unit: UnitOfWork, plan: Plan) -> None:
    await unit.session.execute(
        update(Action)
        .where(Action.root == plan.id)
        .values(frozen=False, verdict=Verdict.OPEN, reason=None, outcome=Outcome.PROPOSED)
    )
