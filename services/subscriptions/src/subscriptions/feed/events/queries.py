"""The reading of a feed.

The worker gives an agency's events their positions under a lock of the agency's feed, which ends with its transaction.
A reader who sees a position therefore sees all before it, and no cursor skips an event that commits late.
A cursor is a position
and an epoch, which is that of one agency in one database: a restored copy of the database has another one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, TypeAdapter
from solidary.platform.web.cursors import decode_cursor, encode_cursor
from sqlalchemy.ext.asyncio import AsyncSession

from subscriptions.feed.events.rules import known_types
from subscriptions.feed.events.schemas import Feed, FeedEvent
from subscriptions.feed.events.statements import READ
from subscriptions.problems import CursorTooOld, CursorUnknown

CURSOR: TypeAdapter[tuple[UUID, int]] = TypeAdapter(tuple[UUID, Annotated[int, Field(ge=0, lt=2**62)]])
SCANNED = 20_000
"""The events that one request looks through for those of its types."""


@dataclass(frozen=True)
class Question:
    """A request for an agency's events: after which position, of which types (None: all), and how many at most."""

    agency: UUID
    epoch: UUID | None
    position: int
    types: Sequence[str] | None
    limit: int

    @classmethod
    def of(cls, agency: UUID, after: str | None, types: Sequence[str], limit: int) -> Question:
        """Read a request's parameters. Raises Invalid for a text that is no cursor, and for a type that is none."""
        epoch, position = (None, 0) if after is None else decode_cursor(after, CURSOR)
        return cls(agency, epoch, position, known_types(types, repeat("query: type")) or None, limit)


async def read_feed(session: AsyncSession, question: Question) -> Feed:
    """Return the next events of an agency. Raises CursorUnknown, CursorTooOld."""
    parameters = {
        "agency": question.agency,
        "position": question.position,
        "types": question.types,
        "limit": question.limit,
        "scanned": SCANNED,
    }
    rows: Sequence[Any] = (await session.execute(READ, parameters)).all()
    state = rows[0]
    if question.epoch is not None:
        if question.epoch != state.epoch or question.position > state.last_position:
            raise CursorUnknown
        if question.position < state.purged_position:
            raise CursorTooOld
    found = [row for row in rows if row.position is not None]
    begin = max(question.position, state.purged_position)
    # Without a full page all of the part that was looked through is known, also where no event of it was of the types.
    end = found[-1].position if len(found) == question.limit else min(begin + SCANNED, state.last_position)
    return Feed(
        items=[_event(row) for row in found],
        next=encode_cursor(state.epoch, max(end, begin)),
        has_more=end < state.last_position,
    )


def _event(row: Any) -> FeedEvent:
    return FeedEvent(
        id=row.id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        time=row.time,
        agency=row.owner,
        sequence=row.sequence,
        data=json.loads(row.payload),
    )
