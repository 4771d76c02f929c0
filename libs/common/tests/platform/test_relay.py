"""The relay under difficult conditions: a frozen broker or database, a lost notification, the largest event."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from event_helpers import event_counts, is_counted, publish, running
from sample_service import REACTIONS, SampleCreated
from solidary.language.events import Audience, Event
from solidary.language.events.envelope import EVENT_BYTES
from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database import Database
from solidary.platform.database.outbox import EventTooLarge
from solidary.platform.messaging.kafka import BATCH_BYTES
from solidary.platform.messaging.relay import Relay
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from sqlalchemy import text
from sqlalchemy.exc import OperationalError


class SampleCopied(Event, name="market.sample.copied", key="sample_id", audience=Audience.COUNTS):
    sample_id: UUID
    content: str = ""


@contextmanager
def frozen(*pids: int):
    """Stop processes within the block; their machine still acknowledges packets for them."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def unsent(database) -> int:
    async with database.session_without_scope() as session:
        return await session.scalar(text("SELECT count(position) FROM machinery.outbox"))


async def records_of(run, topic: str) -> list:
    """Return all records of a topic up to now."""
    reader = kafka_as_admin(run).consumer(topic, group=None, max_records=500)
    await reader.start()
    try:
        ends = await reader.end_offsets(reader.assignment())
        found = []
        while any([await reader.position(at) < end for at, end in ends.items()]):
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await reader.stop()


async def test_round_ends_at_its_deadline_when_the_broker_is_frozen_and_loses_nothing(
    stack, database, member, relay, consumer, caplog
):
    ours, relaying = member(), relay(send_seconds=0.5)
    sample = await publish(database, ours, 1)
    async with running(relaying, consumer(REACTIONS)):
        await eventually(lambda: is_counted(database, ours, sample, 1), what="the first effect")
        with frozen(stack.status()["kafka"].pid):
            await publish(database, ours, 2, 3, sample=sample)

            async def timed_out() -> bool:
                return any(line.endswith("TimeoutError") for line in caplog.messages)

            await eventually(timed_out, what="the relay's own deadline")
            assert await unsent(database) == 4, "the round was rolled back: two events and their notices"
        await eventually(lambda: is_counted(database, ours, sample, 3), what="all of the effects")
    assert [row for row in await event_counts(database, ours) if row[0] == sample] == [(sample, 3, 3, 0)]


async def test_round_ends_at_its_deadline_when_the_database_is_frozen(
    stack, sample_database, database, member, relay, consumer
):
    async def relay_connections() -> list[int]:
        async with await psycopg.AsyncConnection.connect(sample_database.admin) as admin:
            found = await admin.execute(
                """SELECT pid FROM pg_stat_activity WHERE application_name = 'relay'
                AND datname = current_database() ORDER BY pid"""
            )
            return [pid for (pid,) in await found.fetchall()]

    ours = member()
    sample = await publish(database, ours, 1)
    async with running(relay(send_seconds=0.3, sql_seconds=0.3), consumer(REACTIONS)):
        await eventually(lambda: is_counted(database, ours, sample, 1), what="the first effect")
        with frozen(*await eventually(relay_connections, what="the relay's connections")):
            await publish(database, ours, 2, sample=sample)
            await eventually(
                lambda: is_counted(database, ours, sample, 2), what="the effect, by another connection"
            )


@pytest.fixture
async def silent_server():
    """Start a server that accepts connections and never sends anything."""
    listening = await asyncio.start_server(lambda reader, writer: asyncio.sleep(0), "127.0.0.1", 0)
    yield f"postgresql://nobody@127.0.0.1:{listening.sockets[0].getsockname()[1]}/nothing"
    listening.close()


async def test_connecting_to_a_silent_server_times_out(silent_server, monkeypatch):
    monkeypatch.setitem(CONNECTION_PARAMETERS, "connect_timeout", 2)
    database = Database(silent_server, service="market", country="pa")
    with pytest.raises(OperationalError, match="timeout"):
        async with asyncio.timeout(20), database.session_without_scope() as session:
            await session.execute(text("SELECT 1"))
    await database.close()


async def test_event_costs_one_round_and_an_idle_relay_has_none(database, member, relay, monkeypatch):
    rounds: list[int] = []
    original = Relay._round

    async def counted(*arguments) -> int:
        rounds.append(await original(*arguments))
        return rounds[-1]

    monkeypatch.setattr(Relay, "_round", counted)
    monkeypatch.setattr("solidary.platform.messaging.relay.POLL_SECONDS", 60)
    async with running(relay()):
        for number in range(1, 4):
            await publish(database, member(), number)

            async def sent(number: int = number) -> bool:
                return sum(rounds) == 2 * number

            await eventually(sent, what="the event and its notice sent")
    assert sum(n == 0 for n in rounds) <= 2, "at its start, and when it is stopped"


async def test_relay_vacuums_its_outbox(admin, database, member, relay, monkeypatch):
    monkeypatch.setattr("solidary.platform.messaging.relay.VACUUM_SECONDS", 0.05)
    monkeypatch.setattr("solidary.platform.messaging.relay.VACUUM_ROWS", 1)
    async with running(relay()):
        await publish(database, member(), 1)

        async def is_vacuumed() -> bool:
            found = await admin.execute(
                "SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'machinery.outbox'::regclass"
            )
            return (await found.fetchone())[0] > 0

        await eventually(is_vacuumed, what="a vacuumed outbox")


async def test_event_whose_notification_was_lost_is_sent_by_the_next_poll(
    sample_database, run, country, relay, database, member
):
    relaying = relay()
    async with running(relaying):
        await publish(database, member(), 1)

        async def has_sent() -> bool:
            return relaying.sent > 0

        await eventually(has_sent, what="an idle relay")
        sample = str(uuid4())
        async with await psycopg.AsyncConnection.connect(sample_database.admin) as admin:
            await admin.execute(
                """INSERT INTO machinery.outbox
                (id, aggregatetype, aggregateid, type, payload, agency, sequence, time) VALUES
                (gen_random_uuid(), 'market.counts', %s, %s, '{}', gen_random_uuid(), 1, now())""",
                [sample, SampleCreated.type],
            )

        async def sent() -> bool:
            return any(
                record.key == sample.encode() for record in await records_of(run, f"{country}.market.counts")
            )

        await eventually(sent, what="the event, without a notification")


async def test_largest_event_arrives_and_a_larger_one_is_refused(run, country, database, member, relay):
    ours, frame = member(), len(SampleCopied(sample_id=uuid4()).model_dump_json())
    largest = [SampleCopied(sample_id=uuid4(), content="ñ" * ((EVENT_BYTES - frame) // 2)) for _ in range(3)]
    async with database.unit(ours) as unit:
        for event in largest:
            unit.publish(event)
    async with running(relay()):

        async def all_sent() -> bool:
            return await unsent(database) == 0

        await eventually(all_sent, what="the largest events sent")
    keys = Counter(record.key.decode() for record in await records_of(run, f"{country}.market.counts"))
    assert [keys[event.key] for event in largest] == [1, 1, 1]
    assert EVENT_BYTES + 4096 < BATCH_BYTES, "with the headers that each event has"

    with pytest.raises(EventTooLarge, match="sample copied"):
        async with database.unit(ours) as unit:
            unit.publish(SampleCopied(sample_id=uuid4(), content="ñ" * (EVENT_BYTES // 2)))
    assert await unsent(database) == 0
