"""The inbox and the parked keys of each subscriber: which events it has handled, and which must wait."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from solidary.platform.database import UnitOfWork
from solidary.platform.database.scope import SET_SETTINGS
from solidary.platform.messaging.record import Record

_ENTER_NEW = """
    WITH rebuild AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock_shared(hashtext(%(subscriber)s)) AS is_over
    ), parked AS MATERIALIZED (
        SELECT key FROM machinery.parked_key
        WHERE subscriber = %(subscriber)s AND key = ANY(%(keys)s::text[])
    ), entered AS (
        INSERT INTO machinery.inbox (subscriber, event_id)
        SELECT %(subscriber)s, e.id FROM unnest(%(ids)s::uuid[], %(keys)s::text[]) AS e(id, key)
        WHERE (SELECT is_over FROM rebuild) AND e.key NOT IN (SELECT key FROM parked)
        ORDER BY e.id
        ON CONFLICT DO NOTHING RETURNING event_id
    )
    SELECT is_over, ARRAY(SELECT event_id::text FROM entered), ARRAY(SELECT key FROM parked)
"""
ENTER_NEW = f"{_ENTER_NEW} FROM rebuild"
ENTER_NEW_AND_SET_SCOPE = f"{_ENTER_NEW}, {SET_SETTINGS} FROM rebuild"
WAIT_FOR_REBUILD = (
    "SELECT set_config('statement_timeout', '0', true)",
    "SELECT pg_advisory_xact_lock_shared(hashtext(%(subscriber)s))",
    "RESET statement_timeout",
)
"""A rebuild takes as long as its topics require; a statement's usual time limit does not apply to this wait."""
ENTER_ONE = text(
    """
    INSERT INTO machinery.inbox (subscriber, event_id, discarded) VALUES (:subscriber, :event_id, :discarded)
    ON CONFLICT DO NOTHING RETURNING event_id
    """
)
PARK_KEY = """
    INSERT INTO machinery.parked_key (subscriber, key, attempts, reason)
    VALUES (%(subscriber)s, %(key)s, %(attempts)s, %(reason)s) ON CONFLICT DO NOTHING
"""
PARK_EVENT = """
    INSERT INTO machinery.parked_event (subscriber, key, event_id, headers, value)
    VALUES (%(subscriber)s, %(key)s, %(event_id)s, %(headers)s::jsonb, %(value)s) ON CONFLICT DO NOTHING
"""
LIST_PARKED_KEYS = text(
    """
    SELECT k.key, k.parked_at, k.attempts, k.reason, count(e.position) FROM machinery.parked_key k
    LEFT JOIN machinery.parked_event e USING (subscriber, key)
    WHERE subscriber = :subscriber GROUP BY k.subscriber, k.key ORDER BY k.parked_at
    """
)
LOCK_FIRST_PARKED_EVENT = text(
    """
    SELECT event_id, headers, value FROM machinery.parked_event
    WHERE subscriber = :subscriber AND key = :key ORDER BY position LIMIT 1 FOR UPDATE
    """
)
IS_PARKED = text("SELECT FROM machinery.parked_key WHERE subscriber = :subscriber AND key = :key")
DELETE_PARKED_EVENT = text(
    "DELETE FROM machinery.parked_event WHERE subscriber = :subscriber AND event_id = :event_id"
)
DELETE_EMPTY_KEY = text(
    """
    DELETE FROM machinery.parked_key k WHERE subscriber = :subscriber AND key = :key AND NOT EXISTS
        (SELECT FROM machinery.parked_event e WHERE e.subscriber = k.subscriber AND e.key = k.key)
    RETURNING key
    """
)


HANDLE_DIGITS = 16


@dataclass(frozen=True)
class ParkedKey:
    """A key whose events wait for an operator: since when, after how many attempts, why, and how many events.

    The key is an aggregate's id, often a person's, so an operator sees and names its `handle`.
    """

    key: str
    parked_at: datetime
    attempts: int
    reason: str
    events: int

    @property
    def handle(self) -> str:
        """The name of the key for operators, from which nobody finds the id."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:HANDLE_DIGITS]


async def enter_new(unit: UnitOfWork, subscriber: str, records: Sequence[Record]) -> list[Record]:
    """Enter records in the inbox and return the new ones; records of parked keys are parked instead.

    Waits until a running rebuild of the subscriber is over.
    """
    values = {
        "subscriber": subscriber,
        "ids": [record.event_id for record in records],
        "keys": [record.key for record in records],
    }
    ahead = unit.settings_ahead
    ((is_over, entered, parked, *_),) = await unit.execute(
        ENTER_NEW_AND_SET_SCOPE if ahead else ENTER_NEW, {**values, **ahead}
    )
    if not is_over:
        for statement in WAIT_FOR_REBUILD:
            await unit.execute(statement, values)
        ((_, entered, parked),) = await unit.execute(ENTER_NEW, values)
    entered, parked = frozenset(entered), frozenset(parked)
    if parked:
        await park_events(unit, subscriber, [record for record in records if record.key in parked])
    # A relay that died between sending and deleting sends again: one batch may hold an event twice.
    return list({record.event_id: record for record in records if record.event_id in entered}.values())


async def park(unit: UnitOfWork, subscriber: str, record: Record, attempts: int, reason: str) -> None:
    """Park a key with this event as its first. `reason` names the error, never its values."""
    key = {"subscriber": subscriber, "key": record.key, "attempts": attempts, "reason": reason}
    await unit.execute(PARK_KEY, key)
    await park_events(unit, subscriber, [record])


async def park_events(unit: UnitOfWork, subscriber: str, records: Sequence[Record]) -> None:
    """Add events to keys that are parked already."""
    for record in records:
        event = {
            "subscriber": subscriber,
            "key": record.key,
            "event_id": record.event_id,
            "headers": json.dumps([(name, b64encode(value).decode()) for name, value in record.headers]),
            "value": record.value,
        }
        await unit.execute(PARK_EVENT, event)


async def parked_keys(session: AsyncSession, subscriber: str) -> list[ParkedKey]:
    """Return the parked keys of a subscriber, the oldest first."""
    rows = await session.execute(LIST_PARKED_KEYS, {"subscriber": subscriber})
    return [ParkedKey(*row) for row in rows]


async def first_parked_event(session: AsyncSession, subscriber: str, key: str) -> Record | None:
    """Return a parked key's first event, locked; None when no event is left."""
    row = (await session.execute(LOCK_FIRST_PARKED_EVENT, {"subscriber": subscriber, "key": key})).first()
    if row is None:
        return None
    return Record(key, row[0], tuple((name, b64decode(value)) for name, value in row[1]), bytes(row[2]))


async def enter(session: AsyncSession, subscriber: str, event_id: str, *, discarded: bool = False) -> bool:
    """Enter one event in the inbox, whether its key is parked or not; return false when it was there already.

    A discarded event stays in the inbox when a read model is rebuilt.
    """
    values = {"subscriber": subscriber, "event_id": event_id, "discarded": discarded}
    return (await session.execute(ENTER_ONE, values)).first() is not None


async def is_parked(session: AsyncSession, subscriber: str, key: str) -> bool:
    """Return whether a key is parked."""
    found = await session.execute(IS_PARKED, {"subscriber": subscriber, "key": key})
    return found.first() is not None


async def delete_parked_event(session: AsyncSession, subscriber: str, event_id: str) -> None:
    """Delete a parked event that was handled or discarded."""
    await session.execute(DELETE_PARKED_EVENT, {"subscriber": subscriber, "event_id": event_id})


async def unpark(session: AsyncSession, subscriber: str, key: str) -> bool:
    """Free a key without parked events; return false when an event was added to it in the meantime."""
    freed = await session.execute(DELETE_EMPTY_KEY, {"subscriber": subscriber, "key": key})
    return freed.first() is not None
