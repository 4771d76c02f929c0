"""The inbox and the parked keys: which events are new to a subscriber, and which must wait."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.platform.messaging.record import Record

TAKE_IN = """
    WITH rebuilt AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock_shared(hashtext(%(subscriber)s)) AS no_more
    ), parked AS MATERIALIZED (
        SELECT key FROM machinery.parked_key
        WHERE subscriber = %(subscriber)s AND key = ANY(%(keys)s::text[])
    ), fresh AS (
        INSERT INTO machinery.inbox (subscriber, event_id)
        SELECT %(subscriber)s, e.id FROM unnest(%(ids)s::uuid[], %(keys)s::text[]) AS e(id, key)
        WHERE (SELECT no_more FROM rebuilt) AND e.key NOT IN (SELECT key FROM parked)
        ORDER BY e.id
        ON CONFLICT DO NOTHING RETURNING event_id
    )
    SELECT no_more, ARRAY(SELECT event_id::text FROM fresh), ARRAY(SELECT key FROM parked) FROM rebuilt
"""
WAIT_FOR_REBUILD = (
    "SELECT set_config('statement_timeout', '0', true)",
    "SELECT pg_advisory_xact_lock_shared(hashtext(%(subscriber)s))",
    "RESET statement_timeout",
)
"""A rebuild takes as long as its topics are; the limit that a statement has otherwise is not for this wait."""
PARK_KEY = text(
    """
    INSERT INTO machinery.parked_key (subscriber, key, attempts, reason)
    VALUES (:subscriber, :key, :attempts, :reason) ON CONFLICT DO NOTHING
    """
)
PARK_EVENT = text(
    """
    INSERT INTO machinery.parked_event (subscriber, key, event_id, headers, value)
    VALUES (:subscriber, :key, :event_id, CAST(:headers AS jsonb), :value) ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True)
class Parked:
    """A key that waits for a person: since when, after how many attempts, why, and how many events."""

    key: str
    since: datetime
    attempts: int
    reason: str
    events: int


async def take_in(session: AsyncSession, subscriber: str, records: Sequence[Record]) -> list[Record]:
    """Enters the records in the inbox; returns those that are new. Those of parked keys are parked too.

    Waits for a rebuild of the subscriber to end.
    """
    values = {
        "subscriber": subscriber,
        "ids": [record.event_id for record in records],
        "keys": [record.key for record in records],
    }
    connection = await session.connection()
    taken: Any = (await connection.exec_driver_sql(TAKE_IN, values)).one()
    if not taken.no_more:
        for statement in WAIT_FOR_REBUILD:
            await connection.exec_driver_sql(statement, values)
        taken = (await connection.exec_driver_sql(TAKE_IN, values)).one()
    fresh, parked = frozenset(taken[1]), frozenset(taken[2])
    if parked:
        await park_events(session, subscriber, [record for record in records if record.key in parked])
    # A relay that died between sending and deleting sends again: one batch may hold an event twice.
    return list({record.event_id: record for record in records if record.event_id in fresh}.values())


async def park(session: AsyncSession, subscriber: str, record: Record, attempts: int, reason: str) -> None:
    """Sets a key aside, with this event as its first. `reason` names the error, never its values."""
    key = {"subscriber": subscriber, "key": record.key, "attempts": attempts, "reason": reason}
    await session.execute(PARK_KEY, key)
    await park_events(session, subscriber, [record])


async def park_events(session: AsyncSession, subscriber: str, records: Sequence[Record]) -> None:
    """Adds events to keys that are parked already."""
    await session.execute(
        PARK_EVENT,
        [
            {
                "subscriber": subscriber,
                "key": record.key,
                "event_id": record.event_id,
                "headers": json.dumps([(name, b64encode(value).decode()) for name, value in record.headers]),
                "value": record.value,
            }
            for record in records
        ],
    )


async def parked(session: AsyncSession, subscriber: str) -> list[Parked]:
    """The parked keys of a subscriber, the oldest first."""
    rows = await session.execute(
        text(
            """SELECT k.key, k.since, k.attempts, k.reason, count(e.pos) FROM machinery.parked_key k
            LEFT JOIN machinery.parked_event e USING (subscriber, key)
            WHERE subscriber = :subscriber GROUP BY k.subscriber, k.key ORDER BY k.since"""
        ),
        {"subscriber": subscriber},
    )
    return [Parked(*row) for row in rows]


async def next_parked(session: AsyncSession, subscriber: str, key: str) -> Record | None:
    """A parked key's first event, locked; None when none is left."""
    row = (
        await session.execute(
            text(
                """SELECT event_id, headers, value FROM machinery.parked_event
                WHERE subscriber = :subscriber AND key = :key ORDER BY pos LIMIT 1 FOR UPDATE"""
            ),
            {"subscriber": subscriber, "key": key},
        )
    ).first()
    if row is None:
        return None
    return Record(key, row[0], tuple((name, b64decode(value)) for name, value in row[1]), bytes(row[2]))


async def enter(session: AsyncSession, subscriber: str, event_id: str, *, given_up: bool = False) -> bool:
    """Enters one event in the inbox, parked key or not; false when it was there already.

    What was given up stays there when a read model is rebuilt.
    """
    entered = await session.execute(
        text(
            """INSERT INTO machinery.inbox (subscriber, event_id, given_up)
            VALUES (:subscriber, :event_id, :given_up) ON CONFLICT DO NOTHING RETURNING event_id"""
        ),
        {"subscriber": subscriber, "event_id": event_id, "given_up": given_up},
    )
    return entered.first() is not None


async def is_parked(session: AsyncSession, subscriber: str, key: str) -> bool:
    found = await session.execute(
        text("SELECT FROM machinery.parked_key WHERE subscriber = :subscriber AND key = :key"),
        {"subscriber": subscriber, "key": key},
    )
    return found.first() is not None


async def forget_parked(session: AsyncSession, subscriber: str, key: str, event_id: str) -> None:
    """A parked event has had its effect, or is given up."""
    await session.execute(
        text("DELETE FROM machinery.parked_event WHERE subscriber = :subscriber AND event_id = :event_id"),
        {"subscriber": subscriber, "key": key, "event_id": event_id},
    )


async def unpark(session: AsyncSession, subscriber: str, key: str) -> bool:
    """Frees a key that has no parked events left; false when one came in the meantime."""
    freed = await session.execute(
        text(
            """DELETE FROM machinery.parked_key k WHERE subscriber = :subscriber AND key = :key AND NOT EXISTS
            (SELECT FROM machinery.parked_event e WHERE e.subscriber = k.subscriber AND e.key = k.key)
            RETURNING key"""
        ),
        {"subscriber": subscriber, "key": key},
    )
    return freed.first() is not None
