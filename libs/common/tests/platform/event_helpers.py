"""Helpers for the tests of an event's path from its commit to its effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sample_service import SampleCreated
from solidary.language.events import Envelope, encode
from solidary.platform.messaging import inbox
from solidary.platform.messaging.record import Record
from sqlalchemy import text


@asynccontextmanager
async def running(*parts) -> AsyncIterator[None]:
    """Run relays, consumers and monitors within the block."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for part in parts:
            tasks.create_task(part.run(stop))
        try:
            yield
        finally:
            stop.set()


async def event_counts(database, principal) -> list[tuple[UUID, int, int, int]]:
    """Return the root, the number of events, the last sequence and the number of gaps of each sample."""
    async with database.unit(principal) as unit:
        rows = await unit.session.execute(
            text("SELECT root, events, last_sequence, gaps FROM data.sample_count")
        )
        return [tuple(row) for row in rows]


async def is_counted(database, principal, sample, events) -> bool:
    """Return whether this number of a sample's events had its effect."""
    return any(row[:2] == (sample, events) for row in await event_counts(database, principal))


async def publish(database, principal, *numbers: int, sample: UUID | None = None) -> UUID:
    """Publish events of a sample, each in a transaction of its own, and return the sample's id."""
    sample = sample or uuid4()
    for number in numbers:
        async with database.unit(principal) as unit:
            unit.publish(SampleCreated(sample_id=sample, number=number))
    return sample


async def parked_key(database, key, events, subscriber="reactions"):
    """Return a parked key where it has this number of events, else None."""
    async with database.session_without_scope() as session:
        for parked in await inbox.parked_keys(session, subscriber):
            if parked.key == str(key) and parked.events == events:
                return parked
    return None


def record_of(agency: UUID, sample: UUID | None = None, number: int = 1) -> Record:
    """Return a sample's event as Kafka delivers it."""
    event = SampleCreated(sample_id=sample or uuid4(), number=number)
    envelope = Envelope(
        uuid4(), event.type, "/pa/market", event.key, datetime.now(UTC), agency, 1, None, event
    )
    key, headers, value = encode(envelope)
    return Record(key.decode(), str(envelope.id), tuple(headers), value)


@asynccontextmanager
async def lock_held(admin, statement: str):
    """Hold the locks of a statement within the block."""
    async with admin.transaction():
        await admin.execute(statement)
        yield


async def is_waiting_long(admin) -> bool:
    """Return whether a statement waits for a lock for longer than the tests' statement timeout."""
    await admin.execute("SELECT pg_stat_clear_snapshot()")
    found = await admin.execute(
        """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '0.5 s'"""
    )
    return bool((await found.fetchone())[0])
