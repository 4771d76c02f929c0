"""What the tests of the way from a commit to its effect share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from solidary.language.events import Envelope, encode
from solidary.platform.messaging import inbox
from solidary.platform.messaging.record import Record
from sqlalchemy import text
from toy import LetterWritten


@asynccontextmanager
async def working(*parts) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for part in parts:
            tasks.create_task(part.run(stop))
        try:
            yield
        finally:
            stop.set()


async def tallies(database, principal) -> list[tuple[UUID, int, int, int]]:
    async with database.unit(principal) as unit:
        rows = await unit.session.execute(
            text("SELECT root, letters, last_sequence, disorder FROM data.tally")
        )
        return [tuple(row) for row in rows]


async def publish(database, principal, *numbers: int, letter: UUID | None = None) -> UUID:
    letter = letter or uuid4()
    for number in numbers:
        async with database.unit(principal) as unit:
            unit.publish(LetterWritten(letter_id=letter, number=number))
    return letter


async def tallied(database, principal, letter, count) -> bool:
    return any(row[0] == letter and row[1] == count for row in await tallies(database, principal))


async def waits_parked(database, key, events, subscriber="reactions"):
    async with database.session_without_scope() as session:
        for waiting in await inbox.parked_keys(session, subscriber):
            if waiting.key == str(key) and waiting.events == events:
                return waiting
    return None


def posted(agency: UUID, letter: UUID | None = None, number: int = 1) -> Record:
    """A letter's event as it comes from Kafka."""
    event = LetterWritten(letter_id=letter or uuid4(), number=number)
    envelope = Envelope(
        uuid4(), event.type, "/pa/market", event.key, datetime.now(UTC), agency, (), 1, None, event
    )
    key, headers, value = encode(envelope)
    return Record(key.decode(), str(envelope.id), tuple(headers), value)


@asynccontextmanager
async def held(admin, statement: str):
    """Holds a lock of the database meanwhile."""
    async with admin.transaction():
        await admin.execute(statement)
        yield


async def somebody_waits_long(admin) -> bool:
    """Longer than a statement may take in these tests."""
    await admin.execute("SELECT pg_stat_clear_snapshot()")
    found = await admin.execute(
        """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '0.5 s'"""
    )
    return bool((await found.fetchone())[0])
