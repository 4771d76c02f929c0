"""What a transaction has to tell, written with its rows: one statement for any number of events.

It counts each aggregate's events (and by that locks the aggregate, so that the outbox keeps its order), adds
the outbox rows and the feeds' rows, and wakes the relay when the transaction commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from solidary.language.events import Event
from solidary.language.events.envelope import EVENT_BYTES
from solidary.language.problems import Problem

INSERT = """
WITH e AS (
    SELECT *, count(*) OVER (PARTITION BY aggregateid) AS of,
        row_number() OVER (PARTITION BY aggregateid ORDER BY n) AS nth
    FROM unnest(%(id)s::uuid[], %(aggregatetype)s::text[], %(aggregateid)s::text[], %(type)s::text[],
        %(payload)s::text[], %(agency)s::uuid[], %(parties)s::text[])
        WITH ORDINALITY AS t(id, aggregatetype, aggregateid, type, payload, agency, parties, n)
), s AS (
    INSERT INTO machinery.stream AS stream (aggregateid, sequence)
    SELECT aggregateid, max(of) FROM e GROUP BY aggregateid ORDER BY aggregateid
    ON CONFLICT (aggregateid) DO UPDATE SET sequence = stream.sequence + excluded.sequence
    RETURNING aggregateid, sequence
), o AS (
    INSERT INTO machinery.outbox
        (id, aggregatetype, aggregateid, type, payload, agency, parties, sequence, traceparent, time)
    SELECT e.id, e.aggregatetype, e.aggregateid, e.type, e.payload, e.agency, e.parties,
        s.sequence - e.of + e.nth, %(traceparent)s::text, %(time)s::timestamptz
    FROM e JOIN s USING (aggregateid) ORDER BY e.n
    RETURNING pos, id, sequence
), f AS (
    INSERT INTO machinery.feed (agency, pos, id, owner, type, subject, sequence, time, payload)
    SELECT DISTINCT to_whom.agency, o.pos, e.id, e.agency, e.type, e.aggregateid, o.sequence,
        %(time)s::timestamptz, e.payload
    FROM o JOIN e USING (id) CROSS JOIN LATERAL unnest(
        array_append(string_to_array(e.parties, ',')::uuid[], e.agency)) AS to_whom(agency)
)
SELECT pg_notify('outbox', '')
"""


class TooMuchToTell(Problem):
    """An event would not fit a batch of the relay: it must not be written, for it could never be sent."""

    status, slug, title = 422, "too-much-to-tell", "This is more than one event can tell"


@dataclass(frozen=True, slots=True)
class Publication:
    """An event that a unit of work will tell when it commits."""

    event: Event
    agency: UUID
    parties: tuple[UUID, ...] = ()


async def write(
    session: AsyncSession, publications: Sequence[Publication], *, time: datetime, traceparent: str | None
) -> None:
    """Writes all of a transaction's events: one statement, one round trip. Raises TooMuchToTell."""
    events = [publication.event for publication in publications]
    payloads = [event.model_dump_json() for event in events]
    parties = [",".join(map(str, publication.parties)) for publication in publications]
    for event, *said in zip(events, payloads, parties, strict=True):
        size = sum(len(part.encode()) for part in said)
        if size > EVENT_BYTES:
            raise TooMuchToTell(f"{event.aggregate} {event.fact}: {size:,} bytes, at most {EVENT_BYTES:,}")
    connection = await session.connection()
    await connection.exec_driver_sql(
        INSERT,
        {
            "id": [uuid4() for _ in events],
            "aggregatetype": [f"{event.service}.{event.aggregate}" for event in events],
            "aggregateid": [event.key for event in events],
            "type": [event.type for event in events],
            "payload": payloads,
            "agency": [publication.agency for publication in publications],
            "parties": [party or None for party in parties],
            "traceparent": traceparent,
            "time": time,
        },
    )
