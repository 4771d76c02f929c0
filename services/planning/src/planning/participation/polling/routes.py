"""The HTTP interface of polling stations, their cards and the log."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.platform.database import UnitOfWork
from solidary.platform.web import Page, UpdatedCursor, created, page_of

from planning.callers import Facilitator, OwnPlanner, Planner, PlannerOrFacilitator, PlanSharer, TurnoutReader
from planning.participation.plans.models import Plan
from planning.participation.plans.schemas import PlanOut
from planning.participation.polling import commands, queries, round_state, rules
from planning.participation.polling.dependencies import BallotSecret
from planning.participation.polling.models import BallotEntry, Station
from planning.participation.polling.rules import CardCounts, StationState
from planning.participation.polling.schemas import (
    BallotCardsIn,
    BallotEntryOut,
    CountedByHandOut,
    IssuedCardsOut,
    PollingAgencyIn,
    ReconciliationIn,
    SpoiledCardsIn,
    StationIn,
    StationOut,
)

router = APIRouter(tags=["ballots"])


@router.post("/plans/{plan_id}/polling-agencies")
async def allow_polling(
    unit: PlanSharer, plan_id: UUID, body: PollingAgencyIn, response: Response
) -> PlanOut:
    """Let a partner issue cards and cast ballots of the plan."""
    return PlanOut.model_validate(created(await commands.allow_polling(unit, plan_id, body.agency), response))


@router.delete("/plans/{plan_id}/polling-agencies/{agency}", status_code=204)
async def withdraw_polling(unit: OwnPlanner, plan_id: UUID, agency: UUID) -> None:
    """Let a partner no longer issue cards or cast ballots; what it did stays in the log."""
    await commands.withdraw_polling(unit, plan_id, agency)


@router.post("/plans/{plan_id}/stations", status_code=201)
async def open_station(
    unit: PlannerOrFacilitator, plan_id: UUID, body: StationIn, response: Response
) -> StationOut:
    """Open a polling station for the present round."""
    return station_with(
        created(await commands.open_station(unit, plan_id, body.name), response), CardCounts()
    )


@router.get("/stations/{station_id}")
async def read_station(unit: TurnoutReader, station_id: UUID) -> StationOut:
    """Read a station with the numbers of its cards."""
    return await show_station(unit, await unit.get(Station, station_id))


@router.post("/stations/{station_id}/cards", status_code=201)
async def issue_cards(
    unit: Facilitator, station_id: UUID, body: BallotCardsIn, response: Response, secret: BallotSecret
) -> IssuedCardsOut:
    """Issue ballot cards to print and hand out. Their codes are in this answer only; spoil those that are lost."""
    entry = created(await commands.issue_cards(unit, station_id, body.count), response)
    first = entry.first or 1
    codes = [
        rules.print_card(secret, entry.root, entry.round, number)
        for number in range(first, first + entry.cards)
    ]
    shown = BallotEntryOut.model_validate(entry)
    return IssuedCardsOut.model_construct(**shown.model_dump(), codes=codes)


@router.post("/stations/{station_id}/spoiled-cards")
async def spoil_cards(
    unit: Facilitator, station_id: UUID, body: SpoiledCardsIn, response: Response
) -> StationOut:
    """Spoil cards that were damaged, lost or misprinted: they cast no ballot any more."""
    return await show_station(unit, created(await commands.spoil_cards(unit, station_id, body), response))


@router.post("/stations/{station_id}/reconciliation")
async def reconcile_station(
    unit: Planner, station_id: UUID, body: ReconciliationIn, response: Response
) -> StationOut:
    """Close a station with its numbers as they were counted by hand; a difference needs an explanation."""
    return await show_station(
        unit, created(await commands.reconcile_station(unit, station_id, body), response)
    )


@router.get("/ballot-entries/{ballot_entry_id}")
async def read_entry(unit: TurnoutReader, ballot_entry_id: UUID) -> BallotEntryOut:
    """Read an entry of the log; codes of cards are not shown again."""
    return BallotEntryOut.model_validate(await unit.get(BallotEntry, ballot_entry_id))


@router.get("/plans/{plan_id}/ballot-log")
async def list_entries(
    unit: TurnoutReader, plan_id: UUID, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[BallotEntryOut]:
    """List who issued, spoiled and used cards in all rounds, the newest first."""
    await unit.get(Plan, plan_id)
    log = queries.ballot_log(plan_id)
    return await page_of(unit.session, log, cursor, BallotEntryOut.model_validate, by=BallotEntry)


async def show_station(unit: UnitOfWork, station: Station) -> StationOut:
    """Return a station with the numbers of its cards as they are recorded."""
    counts = await round_state.card_counts(unit, station.root, station.round)
    return station_with(station, counts.get(station.id, CardCounts()))


def station_with(station: Station, counts: CardCounts) -> StationOut:
    """Return a station with counts."""
    by_hand = {
        "spoiled": station.counted_spoiled,
        "cast": station.counted_cast,
        "unused": station.counted_unused,
        "explanation": station.explanation,
        "by": station.reconciled_by,
        "at": station.reconciled,
    }
    return StationOut(
        id=station.id,
        created=station.created,
        plan_id=station.root,
        round=station.round,
        name=station.name,
        state=StationState(station.state),
        issued=counts.issued,
        spoiled=counts.spoiled,
        cast=counts.cast,
        unused=counts.unused,
        counted_by_hand=None if station.is_open else CountedByHandOut.model_validate(by_hand),
    )
