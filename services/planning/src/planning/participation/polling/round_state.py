"""The state of a round: its stations, its cards, and the acts of its people. Commands and queries read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import func, select

from planning.participation.plans.models import Plan
from planning.participation.polling.models import BallotEntry, PollingAgency, Station, UsedBallotCard
from planning.participation.polling.rules import BallotAct, CardCounts, StationState


async def may_poll(unit: UnitOfWork, plan: Plan) -> bool:
    """Return whether the acting agency may issue cards and cast ballots: the owner, or whom the owner allowed."""
    agency = unit.principal.agency
    allowed = select(PollingAgency.id).where(PollingAgency.root == plan.id, PollingAgency.partner == agency)
    return agency == plan.agency or await unit.session.scalar(allowed) is not None


async def stations_of(unit: UnitOfWork, plan: Plan) -> Sequence[Station]:
    """Return the stations of the present round by name."""
    in_round = (Station.root == plan.id, Station.round == plan.round)
    return (await unit.session.scalars(select(Station).where(*in_round).order_by(Station.name))).all()


async def open_stations(unit: UnitOfWork, plan: Plan) -> list[str]:
    """Return the names of the present round's stations that are not reconciled."""
    return [station.name for station in await stations_of(unit, plan) if station.state == StationState.OPEN]


async def card_counts(unit: UnitOfWork, plan: UUID, round: int) -> Mapping[UUID, CardCounts]:
    """Return the number of cards by what became of them, by the id of the station."""
    counted = (
        select(BallotEntry.station_id, BallotEntry.act, func.sum(BallotEntry.cards))
        .where(BallotEntry.root == plan, BallotEntry.round == round)
        .group_by(BallotEntry.station_id, BallotEntry.act)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for station_id, act, cards in await unit.session.execute(counted):
        counts.setdefault(station_id, {})[act] = int(cards)
    return {station_id: CardCounts(**by_act) for station_id, by_act in counts.items()}


async def issued_ranges(unit: UnitOfWork, station: Station) -> list[range]:
    """Return the numbers of the cards that a station issued."""
    issued = select(BallotEntry).where(
        BallotEntry.station_id == station.id, BallotEntry.act == BallotAct.ISSUED
    )
    return [
        range(entry.first, entry.first + entry.cards)
        for entry in await unit.session.scalars(issued)
        if entry.first is not None
    ]


async def last_number(unit: UnitOfWork, plan: Plan) -> int:
    """Return the number of the last card that was issued in the present round; 0 before the first."""
    last = select(func.max(BallotEntry.first + BallotEntry.cards - 1)).where(
        BallotEntry.root == plan.id, BallotEntry.round == plan.round
    )
    return await unit.session.scalar(last) or 0


async def used_numbers(unit: UnitOfWork, plan: Plan, numbers: Sequence[int]) -> Mapping[int, bool]:
    """Return those of the numbers whose card was used or spoiled, and whether it was spoiled."""
    used = select(UsedBallotCard.number, UsedBallotCard.spoiled).where(
        UsedBallotCard.root == plan.id,
        UsedBallotCard.round == plan.round,
        UsedBallotCard.number.in_(numbers),
    )
    return {row.number: row.spoiled for row in await unit.session.execute(used)}


async def acts_of(unit: UnitOfWork, plan: Plan) -> set[BallotAct]:
    """Return what the caller did with cards of the present round."""
    acts = select(BallotEntry.act).where(
        BallotEntry.root == plan.id,
        BallotEntry.round == plan.round,
        BallotEntry.actor == unit.principal.subject,
    )
    return {BallotAct(act) for act in await unit.session.scalars(acts.distinct())}
