"""The commands of polling: allow a partner, open a station, issue and spoil cards, and reconcile a station."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import ActorNotAllowed, Conflict, Fault, Invalid, NotFound, count_of
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from planning.participation.plans.commands import is_partner, require_room
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PlanState
from planning.participation.polling import round_state
from planning.participation.polling.models import BallotEntry, PollingAgency, Station
from planning.participation.polling.rules import BallotAct, CardCounts, differences
from planning.participation.polling.schemas import ReconciliationIn, SpoiledCardsIn
from planning.problems import DutiesNotSeparate, StationClosed

MAX_STATIONS = 500
POLLED_IN = frozenset({PlanState.BALLOTING})
ISSUING = frozenset({BallotAct.ISSUED, BallotAct.SPOILED})
CASTING = frozenset({BallotAct.CAST})
NEITHER: frozenset[BallotAct] = frozenset()


async def allow_polling(unit: UnitOfWork, plan_id: UUID, agency: UUID) -> Plan:
    """Let a partner issue cards and cast ballots of the plan.

    Raises NotFound, Invalid for an agency that does not work on the plan, and Conflict where it is allowed already.
    """
    plan = await unit.lock(Plan, plan_id)
    if agency == plan.agency or not await is_partner(unit, plan, agency):
        raise Invalid(
            "Only a partner of the plan can be allowed to hold its ballots.",
            Fault("/agency", "This agency is no partner of the plan. Add it as a partner first."),
        )
    allowed = select(PollingAgency.id).where(PollingAgency.root == plan.id, PollingAgency.partner == agency)
    if await unit.session.scalar(allowed) is not None:
        raise Conflict("This agency may hold the ballots of the plan already.")
    unit.add(PollingAgency(agency=plan.agency, root=plan.id, partner=agency))
    await unit.flush()
    return plan


async def withdraw_polling(unit: UnitOfWork, plan_id: UUID, agency: UUID) -> None:
    """Let a partner no longer issue cards or cast ballots of the agency's own plan. Raises NotFound."""
    plan = await unit.lock(Plan, plan_id)
    allowed = select(PollingAgency).where(
        PollingAgency.root == plan.id,
        PollingAgency.agency == unit.principal.agency,
        PollingAgency.partner == agency,
    )
    found = (await unit.session.scalars(allowed)).one_or_none()
    if found is None:
        raise NotFound("This agency may not hold the ballots of the plan.")
    await unit.session.delete(found)
    await unit.flush()


async def open_station(unit: UnitOfWork, plan_id: UUID, name: str) -> Station:
    """Open a polling station for the present round.

    Raises NotFound, PlanInAnotherState, ActorNotAllowed, and Conflict where the round has a station of this name.
    """
    plan = await unit.lock(Plan, plan_id)
    plan.require_state(POLLED_IN, "Stations can be opened")
    await require_polling(unit, plan)
    await require_room(unit, Station, plan, MAX_STATIONS)
    if name in {station.name for station in await round_state.stations_of(unit, plan)}:
        raise Conflict("This round has a station of this name already.")
    station = Station(agency=plan.agency, root=plan.id, round=plan.round, name=name)
    unit.add(station)
    await unit.flush()
    return station


async def issue_cards(unit: UnitOfWork, station_id: UUID, count: int) -> BallotEntry:
    """Issue cards at a station and log them.

    Raises NotFound, PlanInAnotherState, ActorNotAllowed, StationClosed, DutiesNotSeparate.
    """
    station, plan = await lock_for_polling(unit, station_id, ISSUING)
    first = await round_state.last_number(unit, plan) + 1
    return await record(unit, station, BallotAct.ISSUED, cards=count, first=first)


async def spoil_cards(unit: UnitOfWork, station_id: UUID, body: SpoiledCardsIn) -> Station:
    """Spoil cards of a station, which then cast no ballot, and log it.

    Raises NotFound, PlanInAnotherState, ActorNotAllowed, StationClosed, DutiesNotSeparate, and Invalid with a pointer
    to every card that the station did not issue or that was used already.
    """
    station, plan = await lock_for_polling(unit, station_id, ISSUING)
    faults = [
        Fault(f"/numbers/{n}", detail)
        for n, detail in enumerate(await unusable(unit, plan, station, body.numbers))
        if detail is not None
    ]
    if faults:
        raise Invalid(f"The list has {count_of(len(faults), 'fault')}; no card was spoiled.", *faults)
    numbers = sorted(body.numbers)
    await record(unit, station, BallotAct.SPOILED, cards=len(numbers), numbers=numbers, reason=body.reason)
    return station


async def reconcile_station(unit: UnitOfWork, station_id: UUID, body: ReconciliationIn) -> Station:
    """Close a station with the numbers of its cards as they were counted by hand.

    Raises NotFound, PlanInAnotherState, ActorNotAllowed, StationClosed, DutiesNotSeparate, and Invalid where a number
    differs from what is recorded and nobody explains why.
    """
    station, plan = await lock_for_polling(unit, station_id, NEITHER)
    recorded = (await round_state.card_counts(unit, plan.id, plan.round)).get(station.id, CardCounts())
    found = differences(recorded, spoiled=body.spoiled, cast=body.cast, unused=body.unused)
    if found and body.explanation is None:
        raise Invalid(
            f"{' '.join(found)} Count again; if the numbers stay, explain the difference.",
            Fault("/explanation", "Explain why the numbers differ."),
        )
    station.reconcile(**body.model_dump())
    await unit.flush()
    await unit.session.refresh(station)
    return station


async def require_polling(unit: UnitOfWork, plan: Plan) -> None:
    """Raise ActorNotAllowed unless the acting agency may hold the ballots of the plan."""
    if not await round_state.may_poll(unit, plan):
        raise ActorNotAllowed(
            "Your agency works on this plan, but may not hold its ballots. Ask the owner of the plan to allow it."
        )


async def lock_for_polling(
    unit: UnitOfWork, station_id: UUID, side: frozenset[BallotAct]
) -> tuple[Station, Plan]:
    """Return an open station and its plan, both locked, for a caller who may poll.

    `side` are the acts that one person may do in a round: a caller who did any other one is refused. Raises NotFound,
    PlanInAnotherState, ActorNotAllowed, StationClosed, DutiesNotSeparate.
    """
    found = await unit.get(Station, station_id)
    plan = await unit.lock(Plan, found.root)
    plan.require_state(POLLED_IN, "Cards can be issued and ballots cast")
    await require_polling(unit, plan)
    station = await unit.lock(Station, station_id)
    if not station.is_open or station.round != plan.round:
        raise StationClosed
    if await round_state.acts_of(unit, plan) - side:
        raise DutiesNotSeparate
    return station, plan


async def unusable(
    unit: UnitOfWork, plan: Plan, station: Station, numbers: Sequence[int]
) -> list[str | None]:
    """Return for each number a sentence about why its card cannot be used or spoiled; None where it can."""
    issued = await round_state.issued_ranges(unit, station)
    used = await round_state.used_numbers(unit, plan, numbers)
    seen: set[int] = set()
    sentences: list[str | None] = []
    for number in numbers:
        if not any(number in each for each in issued):
            sentences.append("This station did not issue this card.")
        elif number in used:
            sentences.append(
                "This card was spoiled. Ask the station for another one."
                if used[number]
                else "This card was used already. A card is valid for one ballot."
            )
        else:
            sentences.append("The list has this card twice." if number in seen else None)
        seen.add(number)
    return sentences


async def record(
    unit: UnitOfWork,
    station: Station,
    act: BallotAct,
    *,
    cards: int,
    first: int | None = None,
    numbers: list[int] | None = None,
    reason: str | None = None,
) -> BallotEntry:
    """Add an entry to the log; the database notes the actor, and marks the cards as used or spoiled."""
    entry = BallotEntry(
        agency=station.agency,
        root=station.root,
        round=station.round,
        station_id=station.id,
        act=act,
        cards=cards,
        first=first,
        numbers=numbers,
        reason=reason,
    )
    unit.add(entry)
    await unit.flush()
    return entry
