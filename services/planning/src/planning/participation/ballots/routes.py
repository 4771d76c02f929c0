"""HTTP of ballots."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import runtime, shared

from planning.participation.ballots import commands, queries, rules
from planning.participation.ballots.schemas import (
    MOST_CARDS,
    BallotsIn,
    CardsIn,
    CardsOut,
    TurnoutLine,
    TurnoutOut,
)
from planning.participation.plans.models import Plan

router = APIRouter(tags=["ballots"])

Facilitator = Annotated[UnitOfWork, shared(Duty.FACILITATOR)]
Reader = Annotated[UnitOfWork, shared(Duty.PLANNER, Duty.FACILITATOR, Duty.AUTHORITY, Duty.AUDITOR)]


@router.post("/plans/{plan_id}/cards", status_code=201)
async def issue(
    unit: Facilitator, plan_id: UUID, body: CardsIn, request: Request, response: Response
) -> CardsOut:
    """Make ballot cards to print and give out, one per voter."""
    first = await commands.issue(unit, plan_id, body.count)
    response.headers["Location"] = f"/plans/{plan_id}/cards?first={first}&count={body.count}"
    return await cards(unit, plan_id, request, first, body.count)


@router.get("/plans/{plan_id}/cards")
async def cards(
    unit: Facilitator,
    plan_id: UUID,
    request: Request,
    first: Annotated[int, Query(ge=1, le=10**9)] = 1,
    count: Annotated[int, Query(ge=1, le=MOST_CARDS)] = 100,
) -> CardsOut:
    """Cards that were made in the round of now, to print them again."""
    plan = await unit.get(Plan, plan_id)
    if first > plan.cards:
        raise NotFound(f"there are {plan.cards} cards in this round")
    numbers = range(first, min(plan.cards, first + count - 1) + 1)
    return CardsOut(
        round=plan.round,
        first=first,
        cards=[rules.card(_secret(request), plan.id, plan.round, number) for number in numbers],
    )


@router.post("/plans/{plan_id}/ballots", status_code=201)
async def cast(
    unit: Facilitator, plan_id: UUID, body: BallotsIn, request: Request, response: Response
) -> TurnoutOut:
    """Take ballots in, all of them or none; answers with the turnout."""
    await commands.cast(unit, plan_id, body, _secret(request))
    response.headers["Location"] = f"/plans/{plan_id}/turnout"
    return await turnout(unit, plan_id)


@router.get("/plans/{plan_id}/turnout")
async def turnout(unit: Reader, plan_id: UUID) -> TurnoutOut:
    """How many voted so far, by the community they say they belong to."""
    plan = await unit.get(Plan, plan_id)
    lines = [
        TurnoutLine(community=community, channel=channel, ballots=ballots)
        for community, channel, ballots in await queries.turnout(unit, plan)
    ]
    return TurnoutOut(
        round=plan.round, cards=plan.cards, ballots=sum(line.ballots for line in lines), by=lines
    )


def _secret(request: Request) -> bytes:
    return runtime(request).settings.secret.get_secret_value().encode()
