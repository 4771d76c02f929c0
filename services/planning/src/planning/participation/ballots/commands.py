"""The commands that cast ballots and count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.language.problems import Fault, Invalid, count_of
from solidary.platform.database import UnitOfWork
from sqlalchemy import insert

from planning.participation.actions.queries import feasible_actions
from planning.participation.ballots.encryption import BoxCipher
from planning.participation.ballots.models import Ballot, BallotBox, boxes_of
from planning.participation.ballots.records import BallotRecord
from planning.participation.ballots.schemas import MAX_BALLOTS, BallotIn, BallotsIn
from planning.participation.plans.models import Plan
from planning.participation.polling import commands as polling
from planning.participation.polling.models import Station
from planning.participation.polling.rules import BallotAct, number_of_card

BOX_SIZE = 4 * MAX_BALLOTS
"""The most ballots of one box: every request writes its box anew, so this bounds what a vote costs."""


async def cast_ballots(unit: UnitOfWork, station_id: UUID, body: BallotsIn, secret: bytes) -> Station:
    """Cast ballots, all of them or none: each with a card of this station that was not used before.

    The cards are marked and the ballots put into the box in one transaction. Raises NotFound, PlanInAnotherState,
    ActorNotAllowed, StationClosed, DutiesNotSeparate, BallotBoxUnreadable, and Invalid with a pointer to every wrong
    card and approval.
    """
    station, plan = await polling.lock_for_polling(unit, station_id, polling.CASTING)
    actions = [action.id for action in await feasible_actions(unit, plan)]
    numbers, faults = await _card_numbers(unit, plan, station, body.ballots, secret)
    faults += _unknown_approvals(actions, body.ballots)
    if faults:
        found = count_of(len(faults), "fault")
        raise Invalid(f"The ballots have {found}; none was cast. Correct them and send them again.", *faults)
    box = await _box_with_room(unit, plan, actions, len(numbers))
    places = {action: place for place, action in enumerate(box.actions)}
    box.add(
        BoxCipher(secret, plan.id, plan.round),
        [
            BallotRecord(
                ballot.community, ballot.channel, frozenset(places[each] for each in ballot.approvals)
            )
            for ballot in body.ballots
        ],
    )
    await polling.record(unit, station, BallotAct.CAST, cards=len(numbers), numbers=sorted(numbers))
    return station


async def count_ballots(unit: UnitOfWork, plan: Plan, secret: bytes) -> None:
    """Open the boxes of the round and write how often each ballot occurs. Raises BallotBoxUnreadable."""
    cipher = BoxCipher(secret, plan.id, plan.round)
    boxes = (await unit.session.scalars(boxes_of(plan).with_for_update())).all()
    counted: Counter[tuple[str, str, tuple[UUID, ...]]] = Counter()
    for box in boxes:
        for ballot in box.read(cipher):
            approvals = tuple(sorted(box.actions[place] for place in ballot.approvals))
            counted[ballot.community, ballot.channel, approvals] += 1
    common = {"agency": plan.agency, "root": plan.id, "round": plan.round}
    rows = [
        {
            "community": community,
            "channel": channel,
            "approvals": list(approvals),
            "ballots": ballots,
            **common,
        }
        for (community, channel, approvals), ballots in sorted(counted.items())
    ]
    if rows:
        await unit.session.execute(insert(Ballot), rows)
    for box in boxes:
        box.content = None
    await unit.flush()


async def _box_with_room(unit: UnitOfWork, plan: Plan, actions: list[UUID], ballots: int) -> BallotBox:
    boxes = (await unit.session.scalars(boxes_of(plan).with_for_update())).all()
    if boxes and boxes[-1].ballots + ballots <= BOX_SIZE:
        return boxes[-1]
    box = BallotBox(
        id=uuid4(),
        agency=plan.agency,
        root=plan.id,
        round=plan.round,
        part=len(boxes) + 1,
        actions=actions,
        ballots=0,
    )
    unit.add(box)
    return box


async def _card_numbers(
    unit: UnitOfWork, plan: Plan, station: Station, ballots: Sequence[BallotIn], secret: bytes
) -> tuple[list[int], list[Fault]]:
    cards = [number_of_card(secret, plan.id, plan.round, ballot.card) for ballot in ballots]
    numbers = [number or 0 for number in cards]
    faults: list[Fault] = []
    for n, sentence in enumerate(await polling.unusable(unit, plan, station, numbers)):
        detail = sentence if cards[n] is not None else "This is not a card of the present round of this plan."
        if detail is not None:
            faults.append(Fault(f"/ballots/{n}/card", detail))
    return numbers, faults


def _unknown_approvals(actions: Sequence[UUID], ballots: Sequence[BallotIn]) -> list[Fault]:
    return [
        Fault(f"/ballots/{n}/approvals/{m}", "This is not a feasible action of the plan.")
        for n, ballot in enumerate(ballots)
        for m, approval in enumerate(ballot.approvals)
        if approval not in actions
    ]
