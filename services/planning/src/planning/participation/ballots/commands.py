"""The commands that issue ballot cards and cast ballots."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.language.problems import Fault, Invalid, count_of
from solidary.platform.database import UnitOfWork
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from planning.participation.actions import queries as actions
from planning.participation.ballots import rules
from planning.participation.ballots.models import Ballot, UsedBallotCard
from planning.participation.ballots.schemas import BallotIn, BallotsIn
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState

BALLOTS_CAST_IN = frozenset({PlanState.BALLOTING})


async def issue_cards(unit: UnitOfWork, plan_id: UUID, count: int) -> int:
    """Issue more cards for the open round; return the number of the first one.

    Raises NotFound, PlanInAnotherState.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(BALLOTS_CAST_IN, "Ballot cards can be issued")
    first = plan.cards + 1
    plan.cards += count
    return first


async def cast_ballots(unit: UnitOfWork, plan_id: UUID, body: BallotsIn, secret: bytes) -> None:
    """Cast ballots, all of them or none: each with a card of this round that was not used before.

    Raises NotFound, PlanInAnotherState, and Invalid with a pointer to every wrong card and approval.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(BALLOTS_CAST_IN, "Ballots can be cast")
    numbers, faults = _card_numbers(plan, body.ballots, secret)
    faults += await _unknown_approvals(unit, plan, body.ballots)
    _require_no_faults(faults)
    common = {"agency": plan.agency, "root": plan.id, "round": plan.round, "created": unit.now}
    unused = set(
        await unit.session.scalars(
            insert_if_absent(UsedBallotCard)
            .on_conflict_do_nothing(constraint="used_ballot_card_once")
            .returning(UsedBallotCard.number),
            [{"id": uuid4(), "number": number, **common} for number in numbers],
        )
    )
    _require_no_faults(
        [
            _card_fault(n, "This card was used already. A card is valid for one ballot.")
            for n, number in enumerate(numbers)
            if number not in unused
        ]
    )
    ballots = [
        {"community": ballot.community, "channel": ballot.channel, "approvals": sorted(set(ballot.approvals))}
        for ballot in body.ballots
    ]
    # Sorted, so that not even the order of the rows shows which card cast a ballot.
    ballots.sort(key=lambda ballot: (ballot["community"], ballot["channel"], ballot["approvals"]))
    await unit.session.execute(insert(Ballot), [{"id": uuid4(), **ballot, **common} for ballot in ballots])


def _card_numbers(plan: Plan, ballots: list[BallotIn], secret: bytes) -> tuple[list[int], list[Fault]]:
    numbers: list[int] = []
    faults: list[Fault] = []
    for n, ballot in enumerate(ballots):
        number = rules.number_of_card(secret, plan.id, plan.round, plan.cards, ballot.card)
        if number is None:
            faults.append(_card_fault(n, "This is not a card of the present round of this plan."))
        elif number in numbers:
            faults.append(_card_fault(n, f"The ballot at index {numbers.index(number)} has the same card."))
        numbers.append(number or 0)
    return numbers, faults


async def _unknown_approvals(unit: UnitOfWork, plan: Plan, ballots: list[BallotIn]) -> list[Fault]:
    feasible = {action.id for action in await actions.feasible_actions(unit, plan)}
    return [
        Fault(f"/ballots/{n}/approvals/{m}", "This is not a feasible action of the plan.")
        for n, ballot in enumerate(ballots)
        for m, approval in enumerate(ballot.approvals)
        if approval not in feasible
    ]


def _card_fault(n: int, detail: str) -> Fault:
    return Fault(f"/ballots/{n}/card", detail)


def _require_no_faults(faults: list[Fault]) -> None:
    if faults:
        found = count_of(len(faults), "fault")
        raise Invalid(f"The ballots have {found}; none was cast. Correct them and send them again.", *faults)
