"""The HTTP interface of ballots."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from solidary.platform.web import created
from solidary.platform.web.idempotency import idempotent

from planning.callers import CastingFacilitator, TurnoutReader
from planning.participation.ballots import commands, queries
from planning.participation.ballots.schemas import BallotsIn, TurnoutLineOut, TurnoutOut
from planning.participation.plans.models import Plan
from planning.participation.polling import round_state
from planning.participation.polling.dependencies import BallotSecret
from planning.participation.polling.routes import show_station, station_with
from planning.participation.polling.rules import CardCounts
from planning.participation.polling.schemas import StationOut

router = APIRouter(tags=["ballots"])


@router.post("/stations/{station_id}/ballots", status_code=201)
async def cast_ballots(
    unit: CastingFacilitator,
    station_id: UUID,
    body: BallotsIn,
    request: Request,
    response: Response,
    secret: BallotSecret,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> StationOut:
    """Cast ballots, all of them or none; the answer contains the numbers of the station's cards."""
    if idempotency_key is None:
        station = await commands.cast_ballots(unit, station_id, body, secret)
        return await show_station(unit, created(station, response))
    # A digest of the ballots would disclose the votes to a holder of the secret: it covers the cards alone.
    cards = "\n".join(ballot.card for ballot in body.ballots).encode()
    async with idempotent(unit, request, response, idempotency_key, instead_of_body=cards):
        station = await commands.cast_ballots(unit, station_id, body, secret)
        return await show_station(unit, created(station, response))


@router.get("/plans/{plan_id}/turnout")
async def read_turnout(unit: TurnoutReader, plan_id: UUID) -> TurnoutOut:
    """Read the numbers of cards by station and, once the ballots are counted, the turnout by community."""
    plan = await unit.get(Plan, plan_id)
    counts = await round_state.card_counts(unit, plan.id, plan.round)
    stations = [
        station_with(station, counts.get(station.id, CardCounts()))
        for station in await round_state.stations_of(unit, plan)
    ]
    lines = [
        TurnoutLineOut(community=community, channel=channel, ballots=ballots)
        for community, channel, ballots in await queries.turnout(unit, plan)
    ]
    return TurnoutOut(
        round=plan.round,
        issued=sum(station.issued for station in stations),
        spoiled=sum(station.spoiled for station in stations),
        cast=sum(station.cast for station in stations),
        stations=stations,
        lines=lines,
    )
