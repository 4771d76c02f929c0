"""What a relay meets: a broker or a server that says nothing any more, a notification that got lost, and what is too
large to be sent."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from posting import publish, tallied, tallies, working
from solidary.language.events import Event
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
from toy import REACTIONS, LetterWritten


class LetterCopied(Event, name="market.letter.copied", key="letter_id"):
    letter_id: UUID
    words: str = ""


@contextmanager
def frozen(*pids: int):
    """Processes that are there, and do nothing: their machine still answers for them."""
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


async def arrived(run, topic: str) -> list:
    """All records of a topic, up to now."""
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


async def test_a_round_gives_up_on_a_silent_broker_and_loses_nothing(
    stack, database, member, relay, consumer, caplog
):
    ours, hasty = member(), relay(send_seconds=0.5)
    letter = await publish(database, ours, 1)
    async with working(hasty, consumer(REACTIONS)):
        await eventually(lambda: tallied(database, ours, letter, 1), what="the first effect")
        with frozen(stack.status()["kafka"].pid):
            await publish(database, ours, 2, 3, letter=letter)

            async def gave_up() -> bool:
                return any(line.endswith("TimeoutError") for line in caplog.messages)

            await eventually(gave_up, what="the relay's own deadline")
            assert await unsent(database) == 2, "the round was rolled back"
        await eventually(lambda: tallied(database, ours, letter, 3), what="all of the effects")
    assert [row for row in await tallies(database, ours) if row[0] == letter] == [(letter, 3, 3, 0)]


async def test_a_round_hangs_up_on_a_database_that_is_silent(stack, place, database, member, relay, consumer):
    async def hands() -> list[int]:
        async with await psycopg.AsyncConnection.connect(place.admin) as admin:
            found = await admin.execute(
                """SELECT pid FROM pg_stat_activity WHERE application_name = 'relay'
                AND datname = current_database() ORDER BY pid"""
            )
            pids = [pid for (pid,) in await found.fetchall()]
        return pids if len(pids) >= 3 else []

    ours = member()
    letter = await publish(database, ours, 1)
    async with working(relay(send_seconds=0.3, sql_seconds=0.3), consumer(REACTIONS)):
        await eventually(lambda: tallied(database, ours, letter, 1), what="the first effect")
        with frozen(*await eventually(hands, what="the relay's connections")):
            await publish(database, ours, 2, letter=letter)
            await eventually(
                lambda: tallied(database, ours, letter, 2), what="the effect, by another connection"
            )


@pytest.fixture
async def silent():
    """A server that takes a connection and never says a word."""
    listening = await asyncio.start_server(lambda reader, writer: asyncio.sleep(0), "127.0.0.1", 0)
    yield f"postgresql://nobody@127.0.0.1:{listening.sockets[0].getsockname()[1]}/nothing"
    listening.close()


async def test_a_server_that_says_nothing_is_not_waited_for(silent, monkeypatch):
    monkeypatch.setitem(CONNECTION_PARAMETERS, "connect_timeout", 2)
    database = Database(silent, service="market", country="pa")
    with pytest.raises(OperationalError, match="timeout"):
        async with asyncio.timeout(20), database.session_without_scope() as session:
            await session.execute(text("SELECT 1"))
    await database.close()


async def test_an_event_is_one_round_and_a_relay_that_waits_has_none(database, member, relay, monkeypatch):
    rounds: list[int] = []
    once = Relay._round

    async def counted(*of) -> int:
        rounds.append(await once(*of))
        return rounds[-1]

    monkeypatch.setattr(Relay, "_round", counted)
    monkeypatch.setattr("solidary.platform.messaging.relay.POLL_SECONDS", 60)
    async with working(relay()):
        for number in range(1, 4):
            await publish(database, member(), number)

            async def sent(number: int = number) -> bool:
                return sum(rounds) == number

            await eventually(sent, what="the event sent")
    assert sum(n == 0 for n in rounds) <= 2, "when it begins, and when it is told to stop"


async def test_a_relay_sweeps_its_outbox(admin, database, member, relay, monkeypatch):
    monkeypatch.setattr("solidary.platform.messaging.relay.VACUUM_SECONDS", 0.05)
    monkeypatch.setattr("solidary.platform.messaging.relay.VACUUM_ROWS", 1)
    async with working(relay()):
        await publish(database, member(), 1)

        async def swept() -> bool:
            found = await admin.execute(
                "SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'machinery.outbox'::regclass"
            )
            return (await found.fetchone())[0] > 0

        await eventually(swept, what="the outbox swept")


async def test_an_event_whose_notification_was_lost_is_sent_by_the_next_poll(
    place, run, country, relay, database, member
):
    sending = relay()
    async with working(sending):
        await publish(database, member(), 1)

        async def idle() -> bool:
            return sending.sent > 0

        await eventually(idle, what="a relay that waits")
        letter = str(uuid4())
        async with await psycopg.AsyncConnection.connect(place.admin) as admin:
            await admin.execute(
                """INSERT INTO machinery.outbox
                (id, aggregatetype, aggregateid, type, payload, agency, sequence, time) VALUES
                (gen_random_uuid(), 'market.letter', %s, %s, '{}', gen_random_uuid(), 1, now())""",
                [letter, LetterWritten.type],
            )

        async def sent() -> bool:
            return any(record.key == letter.encode() for record in await arrived(run, f"{country}.market"))

        await eventually(sent, within=10, what="the event, without a notification")


async def test_the_largest_event_arrives_and_a_larger_one_is_not_written(
    run, country, database, member, relay
):
    ours, frame = member(), len(LetterCopied(letter_id=uuid4()).model_dump_json())
    largest = [LetterCopied(letter_id=uuid4(), words="ñ" * ((EVENT_BYTES - frame) // 2)) for _ in range(3)]
    async with database.unit(ours) as unit:
        for event in largest:
            unit.publish(event)
    async with working(relay()):

        async def all_sent() -> bool:
            return await unsent(database) == 0

        await eventually(all_sent, what="the largest events sent")
    keys = Counter(record.key.decode() for record in await arrived(run, f"{country}.market"))
    assert [keys[event.key] for event in largest] == [1, 1, 1]
    assert EVENT_BYTES + 4096 < BATCH_BYTES, "with the headers that each event has"

    with pytest.raises(EventTooLarge, match="letter copied"):
        async with database.unit(ours) as unit:
            unit.publish(LetterCopied(letter_id=uuid4(), words="ñ" * (EVENT_BYTES // 2)))
    with pytest.raises(EventTooLarge):
        async with database.unit(ours) as unit:
            unit.publish(LetterCopied(letter_id=uuid4()), parties=[uuid4()] * (EVENT_BYTES // 36))
    assert await unsent(database) == 0
