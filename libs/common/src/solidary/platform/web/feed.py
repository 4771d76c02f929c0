"""`GET /events`: the events that concern the caller's agency, in an order that never skips a late commit.

An event gets its position in an agency's feed when a reader reaches it: of the events committed by then, those that
come first in the outbox get the lower positions. So a later commit gets a later position, and each aggregate's events
stay in order. A cursor is a position and an epoch of the feed; a restored copy of the database has another epoch.
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
from solidary.platform.web.access import agency
from solidary.platform.web.cursors import decode_cursor, encode_cursor

router = APIRouter(tags=["events"])

CURSOR: TypeAdapter[tuple[UUID, int]] = TypeAdapter(tuple[UUID, Annotated[int, Field(ge=0, lt=2**63)]])
READ = text(
    """
    SELECT position, id, owner, type, subject, sequence, time, payload FROM machinery.feed
    WHERE agency = :agency AND position > :position ORDER BY position LIMIT :limit
    """
)
HAS_UNPOSITIONED = text(
    "SELECT EXISTS (SELECT FROM machinery.feed WHERE agency = :agency AND position IS NULL)"
)
LOCK_STATE = text(
    """
    INSERT INTO machinery.feed_state AS s (agency) VALUES (:agency)
    ON CONFLICT (agency) DO UPDATE SET last_position = s.last_position
    """
)
ASSIGN_POSITIONS = text(
    """
    WITH next AS (
        SELECT outbox_position, row_number() OVER (ORDER BY outbox_position) AS nth FROM machinery.feed
        WHERE agency = :agency AND position IS NULL ORDER BY outbox_position LIMIT :limit
    ), assigned AS (
        UPDATE machinery.feed f SET position = s.last_position + next.nth FROM next, machinery.feed_state s
        WHERE (f.agency, f.outbox_position) = (:agency, next.outbox_position) AND s.agency = :agency
        RETURNING f.position
    )
    UPDATE machinery.feed_state SET last_position = last_position + (SELECT count(*) FROM assigned)
    WHERE agency = :agency
    """
)
READ_STATE = text(
    """
    SELECT machinery.current_feed_epoch() AS epoch,
        coalesce((SELECT purged_position FROM machinery.feed_state WHERE agency = :agency), 0) AS purged_position
    """
)


class FeedEpochChanged(Problem):
    """The database was restored or made anew since the cursor was issued, so that its events have new positions."""

    status, slug, title = 410, "feed-epoch-changed", "The database was restored since this cursor was issued"
    action = "Read the feed from its start, without `after`; skip the events whose id you have handled."


class CursorTooOld(Problem):
    """Events after the cursor are no longer kept."""

    status, slug, title = 410, "feed-purged", "Events after this cursor are no longer kept"
    action = (
        "Read the feed from its start, without `after`, and read what you have missed from the resources."
    )


class FeedEvent(BaseModel):
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
    """Events in order. `next` is always present: ask with it again, also when there was no new event."""

    items: list[FeedEvent]
    next: str


@router.get("/events", summary="List the events that concern your agency, in order")
async def feed(
    unit: Annotated[UnitOfWork, agency(Duty.INTEGRATOR)],
    after: Annotated[str | None, Query(max_length=200, description="`next` of the previous response")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Feed:
    epoch, position = (None, 0) if after is None else decode_cursor(after, CURSOR)
    rows = await _read(unit.session, unit.principal.agency, position, limit)
    # Read after the rows, so that it includes whatever was purged before they were read.
    state = (await unit.session.execute(READ_STATE, {"agency": unit.principal.agency})).one()
    if epoch not in (None, state.epoch):
        raise FeedEpochChanged
    if epoch is not None and position < state.purged_position:
        raise CursorTooOld
    last = rows[-1].position if rows else max(position, state.purged_position)
    return Feed(
        items=[
            FeedEvent(
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
        next=encode_cursor(state.epoch, last),
    )


async def _read(session: AsyncSession, agency: UUID, position: int, limit: int) -> list[Any]:
    query = {"agency": agency, "position": position, "limit": limit}
    rows = (await session.execute(READ, query)).all()
    if len(rows) < limit and await session.scalar(HAS_UNPOSITIONED, query):
        await session.execute(LOCK_STATE, query)
        await session.execute(ASSIGN_POSITIONS, {**query, "limit": limit - len(rows)})
        rows = (await session.execute(READ, query)).all()
    return list(rows)
