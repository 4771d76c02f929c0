"""The HTTP interface of the feed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import agency, runtime

from subscriptions.feed.events.queries import Question, read_feed
from subscriptions.feed.events.schemas import Feed
from subscriptions.feed.events.waiting import Announcements

router = APIRouter(tags=["events"])

Integrator = Annotated[UnitOfWork, agency(Duty.INTEGRATOR)]
TypeName = Annotated[str, Query(max_length=200)]
MAX_WAIT_SECONDS = 30


@router.get("/events", summary="List the events that concern your agency, in order")
async def list_events(
    unit: Integrator,
    request: Request,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the previous response")] = None,
    type: Annotated[
        list[TypeName] | None, Query(max_length=50, description="Only events of these types; repeatable")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[
        int, Query(ge=0, le=MAX_WAIT_SECONDS, description="Seconds to wait where there is no event yet")
    ] = 0,
) -> Feed:
    """Answer with the next events. With `wait`, an answer without events comes after that time only."""
    question = Question.of(unit.principal.agency, after, type or (), limit)
    feed = await read_feed(unit.session, question)
    if feed.items or feed.has_more or not wait:
        return feed
    # No transaction and no connection is kept while the request waits.
    await unit.session.commit()
    try:
        async with (
            asyncio.timeout(wait) as deadline,
            _announcements(request).waiter(question.agency) as announced,
        ):
            while not (feed.items or feed.has_more):
                await announced.wait()
                announced.clear()
                feed = await read_feed(unit.session, question)
                await unit.session.commit()
    except TimeoutError:
        if not deadline.expired():
            raise
    return feed


def _announcements(request: Request) -> Announcements:
    """Return the announcements of the process, made when the first request waits."""
    state = request.app.state
    if not hasattr(state, "announcements"):
        state.announcements = Announcements(runtime(request).settings.app_database_url)
    announcements: Announcements = state.announcements
    return announcements
