"""The HTTP interface of ballot cards and ballots."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from solidary.language.problems import NotFound, count_of
from solidary.platform.web import runtime

from planning.callers import Facilitator, TurnoutReader
from planning.participation.ballots import commands, queries, rules
from planning.participation.ballots.schemas import (
    MAX_CARDS,
    BallotCardsIn,
    BallotCardsOut,
    BallotsIn,
    TurnoutLineOut,
    TurnoutOut,
)
from planning.participation.plans.models import Plan

router = APIRouter(tags=["ballots"])


@router.post("/plans/{plan_id}/cards", status_code=201)
async def issue_cards(
    unit: Facilitator, plan_id: UUID, body: BallotCardsIn, request: Request, response: Response
) -> BallotCardsOut:
    """Issue ballot cards to print and hand out, one for each voter."""
    first = await commands.issue_cards(unit, plan_id, body.count)
    response.headers["Location"] = f"/plans/{plan_id}/cards?first={first}&count={body.count}"
    return await read_cards(unit, plan_id, request, first, body.count)


@router.get("/plans/{plan_id}/cards")
async def read_cards(
    unit: Facilitator,
    plan_id: UUID,
    request: Request,
    first: Annotated[int, Query(ge=1, le=10**9)] = 1,
    count: Annotated[int, Query(ge=1, le=MAX_CARDS)] = 100,
) -> BallotCardsOut:
    """Read cards that were issued in the present round, to print them again."""
    plan = await unit.get(Plan, plan_id)
    if first > plan.cards:
        raise NotFound(f"There is no card {first}: this round has {count_of(plan.cards, 'card')}.")
    numbers = range(first, min(plan.cards, first + count - 1) + 1)
    return BallotCardsOut(
        round=plan.round,
        first=first,
        cards=[rules.print_card(_secret(request), plan.id, plan.round, number) for number in numbers],
    )


@router.post("/plans/{plan_id}/ballots", status_code=201)
async def cast_ballots(
    unit: Facilitator, plan_id: UUID, body: BallotsIn, request: Request, response: Response
) -> TurnoutOut:
    """Cast ballots, all of them or none; the answer contains the turnout."""
    await commands.cast_ballots(unit, plan_id, body, _secret(request))
    response.headers["Location"] = f"/plans/{plan_id}/turnout"
    return await read_turnout(unit, plan_id)


@router.get("/plans/{plan_id}/turnout")
async def read_turnout(unit: TurnoutReader, plan_id: UUID) -> TurnoutOut:
    """Read the turnout so far, by self-declared community."""
    plan = await unit.get(Plan, plan_id)
    lines = [
        TurnoutLineOut(community=community, channel=channel, ballots=ballots)
        for community, channel, ballots in await queries.turnout(unit, plan)
    ]
    return TurnoutOut(
        round=plan.round, cards=plan.cards, ballots=sum(line.ballots for line in lines), lines=lines
    )


def _secret(request: Request) -> bytes:
    return runtime(request).settings.secret.get_secret_value().encode()
