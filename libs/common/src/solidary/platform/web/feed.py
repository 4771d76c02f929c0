"""`GET /events`: what concerns the caller's agency, in an order that never skips a late commit.

An event gets its place in an agency's feed when somebody reads that far: of what is committed by then, what stands
first in the outbox comes first. So what commits later comes later, and each aggregate's events keep their order
A cursor is a place and the database's life; a copy of the database, restored, has another (decision 0015).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.language.problems import Problem
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web.caller import agency
from solidary.platform.web.cursors import pack, unpack

router = APIRouter(tags=["events"])

CURSOR: TypeAdapter[tuple[UUID, int]] = TypeAdapter(tuple[UUID, Annotated[int, Field(ge=0, lt=2**63)]])
READ = text(
    """
    SELECT place, id, owner, type, subject, sequence, time, payload FROM machinery.feed
    WHERE agency = :agency AND place > :place ORDER BY place LIMIT :limit
    """
)
IS_MORE = text("SELECT EXISTS (SELECT FROM machinery.feed WHERE agency = :agency AND place IS NULL)")
MY_TURN = text(
    """
    INSERT INTO machinery.feed_end AS e (agency) VALUES (:agency)
    ON CONFLICT (agency) DO UPDATE SET placed = e.placed
    """
)
GIVE_PLACES = text(
    """
    WITH next AS (
        SELECT pos, row_number() OVER (ORDER BY pos) AS nth FROM machinery.feed
        WHERE agency = :agency AND place IS NULL ORDER BY pos LIMIT :limit
    ), given AS (
        UPDATE machinery.feed f SET place = e.placed + next.nth FROM next, machinery.feed_end e
        WHERE (f.agency, f.pos) = (:agency, next.pos) AND e.agency = :agency RETURNING f.place
    )
    UPDATE machinery.feed_end SET placed = placed + (SELECT count(*) FROM given) WHERE agency = :agency
    """
)
LIFE = text(
    """
    SELECT machinery.life() AS life,
        coalesce((SELECT purged FROM machinery.feed_end WHERE agency = :agency), 0) AS purged
    """
)


class FeedEpochChanged(Problem):
    """The database was restored or made anew since the cursor was given."""

    status, slug, title = 410, "feed-epoch-changed", "Read the feed from its start"


class CursorTooOld(Problem):
    """Events that came after the cursor are no longer kept."""

    status, slug, title = 410, "feed-purged", "Read the feed from its start"


class FedEvent(BaseModel):
    """A CloudEvent in JSON form."""

    specversion: str = "1.0"
    id: UUID
    type: str = Field(examples=["org.solidary.referrals.referral.accepted.v1"])
    source: str
    subject: str
    time: datetime
    agency: UUID
    sequence: int
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class Feed(BaseModel):
    """Events in order. `next` is always given: ask again with it, also when nothing came."""

    items: list[FedEvent]
    next: str


@router.get("/events", summary="What concerns your agency, in order")
async def feed(
    unit: Annotated[UnitOfWork, agency(Duty.INTEGRATOR, Duty.OPERATOR)],
    after: Annotated[str | None, Query(max_length=200, description="`next` of the answer before")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Feed:
    since, place = (None, 0) if after is None else unpack(after, CURSOR)
    rows = await _read(unit.session, unit.principal.agency, place, limit)
    # Asked last: whatever was gone when the rows were read is then said to be.
    here = (await unit.session.execute(LIFE, {"agency": unit.principal.agency})).one()
    if since not in (None, here.life):
        raise FeedEpochChanged("the database was restored; its events have new places")
    if since is not None and place < here.purged:
        raise CursorTooOld("events that you have not read are no longer kept")
    return Feed(
        items=[
            FedEvent(
                id=row.id,
                type=row.type,
                source=unit.source,
                subject=row.subject,
                time=row.time,
                agency=row.owner,
                sequence=row.sequence,
                data=json.loads(row.payload),
            )
            for row in rows
        ],
        next=pack(here.life, rows[-1].place if rows else max(place, here.purged)),
    )


async def _read(session: AsyncSession, agency: UUID, place: int, limit: int) -> list[Any]:
    query = {"agency": agency, "place": place, "limit": limit}
    rows = (await session.execute(READ, query)).all()
    if len(rows) < limit and await session.scalar(IS_MORE, query):
        await session.execute(MY_TURN, query)
        await session.execute(GIVE_PLACES, {**query, "limit": limit - len(rows)})
        rows = (await session.execute(READ, query)).all()
    return list(rows)
