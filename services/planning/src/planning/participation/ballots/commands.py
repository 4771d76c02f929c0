"""Giving out cards, and taking ballots in."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from planning.participation.actions.models import Action
from planning.participation.ballots import rules
from planning.participation.ballots.models import Ballot, Card
from planning.participation.ballots.schemas import BallotIn, BallotsIn
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import State, Verdict

OPEN = frozenset({State.BALLOTING})


async def issue(unit: UnitOfWork, plan_id: UUID, count: int) -> int:
    """More cards for the round that is open. Returns the first one's number."""
    plan = await unit.lock(Plan, plan_id)
    plan.require(OPEN, "ballot cards are given out")
    first = plan.cards + 1
    plan.cards += count
    return first


async def cast(unit: UnitOfWork, plan_id: UUID, said: BallotsIn, secret: bytes) -> None:
    """Takes ballots in, all of them or none: each with a card of this round that was not used before.

    Raises Invalid with a pointer to every wrong card and approval.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require(OPEN, "ballots are cast")
    numbers, faults = _numbers(plan, said.ballots, secret)
    faults += await _unknown_approvals(unit, plan, said.ballots)
    _refuse(faults)
    own = {"agency": plan.agency, "root": plan.id, "round": plan.round, "created": unit.now}
    used = await unit.session.scalars(
        upsert(Card).on_conflict_do_nothing(constraint="uq_card_number").returning(Card.number),
        [{"id": uuid4(), "number": number, **own} for number in numbers],
    )
    fresh = set(used)
    _refuse([_fault(n, "has voted already") for n, number in enumerate(numbers) if number not in fresh])
    ballots = [
        {"community": ballot.community, "channel": ballot.channel, "approvals": sorted(set(ballot.approvals))}
        for ballot in said.ballots
    ]
    # In an order of their own, so that not even the place of a row tells which card cast it.
    ballots.sort(key=lambda ballot: (ballot["community"], ballot["channel"], ballot["approvals"]))
    await unit.session.execute(insert(Ballot), [{"id": uuid4(), **ballot, **own} for ballot in ballots])


def _numbers(plan: Plan, ballots: list[BallotIn], secret: bytes) -> tuple[list[int], list[Fault]]:
    numbers: list[int] = []
    faults: list[Fault] = []
    for n, ballot in enumerate(ballots):
        number = rules.number_of(secret, plan.id, plan.round, plan.cards, ballot.card)
        if number is None:
            faults.append(_fault(n, "is no card of this round"))
        elif number in numbers:
            faults.append(_fault(n, f"stands at {numbers.index(number)} already"))
        numbers.append(number or 0)
    return numbers, faults


async def _unknown_approvals(unit: UnitOfWork, plan: Plan, ballots: list[BallotIn]) -> list[Fault]:
    feasible = set(
        await unit.session.scalars(
            select(Action.id).where(Action.root == plan.id, Action.verdict == Verdict.FEASIBLE)
        )
    )
    return [
        Fault(f"/ballots/{n}/approvals/{m}", "is no action that is voted on")
        for n, ballot in enumerate(ballots)
        for m, approval in enumerate(ballot.approvals)
        if approval not in feasible
    ]


def _fault(n: int, why: str) -> Fault:
    return Fault(f"/ballots/{n}/card", why)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(f"{len(faults)} faults; no ballot was taken", *faults)
