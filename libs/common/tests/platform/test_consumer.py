"""Consumers under difficult conditions: reassigned partitions, records that are no events, a busy database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from event_helpers import (
    event_counts,
    is_counted,
    is_waiting_long,
    lock_held,
    parked_key,
    publish,
    record_of,
    running,
)
from sample_service import PROJECTION, REACTIONS, SampleCreated, count_event
from solidary.platform.database import Database
from solidary.platform.messaging import Subscriber, inbox, parked, reacts_to
from solidary.platform.messaging.consumer import ATTEMPTS, _commit
from solidary.platform.messaging.record import Record
from solidary_testing import eventually
from solidary_testing.round_trips import counted_round_trips
from solidary_testing.servers import kafka_as_admin
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

NOT_UTF8 = b"\xff\xfe"


async def test_offsets_of_reassigned_partitions_are_not_committed(run, country):
    reader = kafka_as_admin(run).consumer(f"{country}.market.counts", group=f"{country}.moved", max_records=1)
    await reader.start()
    try:

        async def assigned() -> bool:
            return bool(reader.assignment())

        await eventually(assigned, what="partitions")
        await _commit(reader, {TopicPartition(f"{country}.market.counts", 999): 1})
        assert {await reader.committed(at) for at in reader.assignment()} == {None}
    finally:
        await reader.stop()


async def test_failing_event_costs_a_few_transactions_and_not_one_for_each_other(
    database, member, consumer, service, statements
):
    ours, samples, bad = member(), [uuid4() for _ in range(64)], uuid4()
    records = [record_of(ours.agency, sample) for sample in samples]
    broken = replace(record_of(ours.agency, bad), value=b"{")
    await consumer(PROJECTION).handle_batch([*records[:40], broken, *records[40:]])
    entered = [statement for statement in statements if statement.startswith("WITH rebuild")]
    assert len(entered) <= 2 * 7 + ATTEMPTS
    counted = {row[0] for row in await event_counts(database, ours)}
    assert counted == set(samples)
    assert await parked.discard(database, service, PROJECTION, str(bad)) == 1


async def test_record_that_is_no_event_parks_only_its_key(run, database, member, consumer, service, country):
    ours, sample = member(), uuid4()
    good = [record_of(ours.agency, sample) for _ in range(2)]
    broken = {
        "bad body": ({}, b"{"),
        "bad agency": ({"ce_agency": NOT_UTF8}, None),
        "bad extension": ({"ce_sequence": b"1", "ce_other": NOT_UTF8, "ce_time": b"noon"}, None),
        "no id": ({"ce_id": None}, None),
        "empty header": ({"ce_sequence": b"", "ce_id": b""}, None),
        "nul\0 in the key": ({"nul\0": b"nul\0", "ce_type": None}, None),
        "long key" * 1000: ({"ce_subject": None}, None),
    }
    producer = kafka_as_admin(run).producer()
    await producer.start()
    try:

        async def send(key: bytes, headers, value: bytes) -> None:
            await producer.send_and_wait(
                f"{country}.market.counts", key=key, headers=list(headers), value=value, partition=0
            )

        await send(good[0].key.encode(), good[0].headers, good[0].value)
        for key, (changes, body) in broken.items():
            event = record_of(ours.agency)
            headers = {**dict(event.headers), **changes}
            sent = [(name, value) for name, value in headers.items() if value is not None]
            await send(key.encode(), sent, event.value if body is None else body)
        await send(b"null header", [("ce_id", None)], b"")
        await send(good[1].key.encode(), good[1].headers, good[1].value)
    finally:
        await producer.stop()
    async with running(consumer(REACTIONS)):
        await eventually(lambda: is_counted(database, ours, sample, 2), what="the good events' effects")
    async with database.session_without_scope() as session:
        rows = (await session.execute(text("SELECT key, reason FROM machinery.parked_key"))).all()
        events = (await session.execute(text("SELECT count(*) FROM machinery.parked_event"))).scalar()
    assert len(rows) == events == len(broken) + 1
    assert all(reason.startswith("DecodeError") for _, reason in rows)
    assert {"bad body", "bad agency", "nul\ufffd in the key"} < {key for key, _ in rows}
    for key, _ in rows:
        assert await parked.discard(database, service, REACTIONS, key) == 1


async def test_parked_event_keeps_every_byte_of_its_headers(database, member, consumer, service):
    ours = member()
    event = record_of(ours.agency, number=-1)
    event = Record(event.key, event.event_id, (*event.headers, ("ce_other", NOT_UTF8)), event.value)
    await consumer(REACTIONS).handle_batch([event])
    async with database.session_without_scope() as session:
        assert await inbox.first_parked_event(session, "reactions", event.key) == event
    assert await parked.discard(database, service, REACTIONS, event.key) == 1


async def test_consumer_waits_for_a_free_connection_of_the_pool(
    sample_database, database, country, member, relay, consumer, monkeypatch, caplog
):
    monkeypatch.setattr("solidary.platform.database.engine.POOL_SECONDS", 0.05)
    single = Database(sample_database.roles["app"], service="market", country=country, pool_size=1)
    ours = member()
    sample = await publish(database, ours, 1)

    async def is_waiting() -> bool:
        return any("retries" in line and line.endswith(PoolTimeout.__name__) for line in caplog.messages)

    try:
        async with running(relay(), consumer(REACTIONS, single)):
            async with single.session_without_scope() as busy:
                await busy.execute(text("SELECT 1"))
                await eventually(is_waiting, what="the consumer's wait")
            await eventually(lambda: is_counted(database, ours, sample, 1), what="the effect")
    finally:
        await single.close()
    assert not any("parks" in line for line in caplog.messages), "the event is not at fault"


async def test_batch_that_lost_a_deadlock_is_repeated_as_a_whole(database, member, consumer):
    tries = 0

    @reacts_to(SampleCreated)
    async def deadlock_once(unit, event) -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            await unit.session.execute(
                text("DO $$ BEGIN RAISE 'deadlock' USING ERRCODE = 'deadlock_detected'; END $$")
            )
        await count_event(unit, event)

    ours, sample = member(), uuid4()
    consuming = consumer(Subscriber("reactions", reactions={SampleCreated: [deadlock_once]}))
    await consuming.handle_batch([record_of(ours.agency, sample) for _ in range(3)])
    assert tries == 2 + 3
    assert [row[:2] for row in await event_counts(database, ours)] == [(sample, 3)]


async def test_consumer_waits_for_a_rebuild_longer_than_the_statement_timeout(
    sample_database, short_timeouts, admin, database, member, consumer
):
    waiting = Database(sample_database.roles["app"], service="market", country="pa")
    ours, sample = member(), uuid4()
    try:
        async with lock_held(admin, "SELECT pg_advisory_xact_lock(hashtext('reactions'))"):
            handling = asyncio.create_task(
                consumer(REACTIONS, waiting).handle_batch([record_of(ours.agency, sample)])
            )
            await eventually(lambda: is_waiting_long(admin), what="the consumer's wait")
        await handling
    finally:
        await waiting.close()
    assert await is_counted(database, ours, sample, 1)
    assert await parked_key(database, sample, 1) is None


async def test_statement_timeout_applies_again_after_the_wait_for_a_rebuild(
    sample_database, short_timeouts, admin, member, consumer
):
    limits = []

    @reacts_to(SampleCreated)
    async def read_timeout(unit, event) -> None:
        limits.append(await unit.session.scalar(text("SHOW statement_timeout")))

    subscriber = Subscriber("reactions", reactions={SampleCreated: [read_timeout]})
    database = Database(sample_database.roles["app"], service="market", country="pa")
    try:
        async with lock_held(admin, "SELECT pg_advisory_xact_lock(hashtext('reactions'))"):
            handling = asyncio.create_task(
                consumer(subscriber, database).handle_batch([record_of(member().agency)])
            )
            await eventually(lambda: is_waiting_long(admin), what="the consumer's wait")
        await handling
    finally:
        await database.close()
    assert limits == ["200ms"]


async def test_reaction_without_act_for_has_no_agency_scope(database, member, consumer, service):
    acted_for = []

    @reacts_to(SampleCreated)
    async def act_for_first(unit, event) -> None:
        if event.number == 1:
            await unit.act_for(unit.envelope.agency)
        acted_for.append(unit.principal.agency)

    ours = member()
    batch = [record_of(ours.agency, number=number) for number in (1, 2)]
    await consumer(Subscriber("reactions", reactions={SampleCreated: [act_for_first]})).handle_batch(batch)
    assert acted_for == [ours.agency, service.agency]


async def test_scope_costs_a_statement_where_the_agency_changes_and_none_remains(
    database, member, consumer, statements
):
    ours, theirs, remained = member(), member(), []

    @reacts_to(SampleCreated)
    async def count_numbered(unit, event) -> None:
        if event.number:
            await count_event(unit, event)
        else:
            remained.append(await unit.session.scalar(text("SELECT current_setting('app.agency')")))

    subscriber = Subscriber("scopes", reactions={SampleCreated: [count_numbered]})
    for batch, changes in (
        ([(ours, 1)] * 3, 0),  # it comes with the inbox
        ([(ours, 1), (theirs, 1), (ours, 1)], 2),
        ([(ours, 1), (ours, 0), (ours, 1)], 2),
    ):
        statements.clear()
        await consumer(subscriber).handle_batch(
            [record_of(who.agency, number=number) for who, number in batch]
        )
        assert sum(sent.startswith("SELECT set_config") for sent in statements) == changes
    assert remained == [""]


async def test_batch_costs_two_round_trips_and_those_of_its_handlers(
    sample_database, country, member, consumer, statements
):
    # It begins, sets the scope and enters the inbox at once, and commits.
    ours, theirs = member(), member()

    @reacts_to(SampleCreated)
    async def count_without_session(unit, event) -> None:
        await unit.act_for(unit.envelope.agency)
        values = {"agency": unit.envelope.agency, "root": event.sample_id}
        await unit.execute(
            "INSERT INTO data.sample_count (agency, root, events, last_sequence) VALUES (%(agency)s, %(root)s, 1, 1)",
            values,
        )

    raw = Subscriber("raw", reactions={SampleCreated: [count_without_session]})
    async with counted_round_trips(sample_database.roles["app"]) as trips:
        single = Database(trips.url, service="market", country=country, pool_size=1)
        costs = []
        for subscriber in (REACTIONS, raw):
            for agencies in ([ours] * 6, [ours], [ours] * 3, [ours, theirs]):
                trips.count = 0
                await consumer(subscriber, single).handle_batch([record_of(who.agency) for who in agencies])
                costs.append(trips.count)
        await single.close()
    # The first batch connects and has statements prepared as well. The scope of another agency goes with its first
    # statement, unless SQLAlchemy sends that.
    assert costs[1:4] == [2 + 1, 2 + 3, 2 + 2 + 1]
    assert costs[5:] == [2 + 1, 2 + 3, 2 + 2]


@pytest.mark.parametrize("uses_session", [False, True])
async def test_scope_that_was_sent_ahead_is_nobodys(database, member, consumer, uses_session):
    # The scope of a batch's first event goes with the inbox; a handler that has set none acts in none.
    seen = []

    @reacts_to(SampleCreated)
    async def look(unit, event) -> None:
        if uses_session:
            seen.append(await unit.session.scalar(text("SELECT current_setting('app.agency')")))
        else:
            seen.append((await unit.execute("SELECT current_setting('app.agency')", {}))[0][0])
        with pytest.raises(PermissionError, match="no agency scope"):
            unit.publish(SampleCreated(sample_id=uuid4()))

    ours = member()
    batch = [record_of(ours.agency) for _ in range(2)]
    await consumer(Subscriber(f"look {uses_session}", reactions={SampleCreated: [look]})).handle_batch(batch)
    assert seen == ["", ""]


async def test_statements_before_and_after_a_session_are_one_transaction_in_one_scope(
    database, member, consumer, service
):
    ours, theirs, sample, seen = member(), member(), uuid4(), []
    current = "SELECT current_setting('app.agency')"

    @reacts_to(SampleCreated)
    async def mix(unit, event) -> None:
        if not event.number:
            seen.append(await unit.session.scalar(text(current)))
            return
        await unit.act_for(unit.envelope.agency)
        seen.append((await unit.execute(current, {}))[0][0])
        if event.number == 2:
            await count_event(unit, event)
            seen.append(await unit.session.scalar(text(current)))
            seen.append((await unit.execute(current, {}))[0][0])

    batch = [record_of(ours.agency, number=1), record_of(ours.agency, number=0)]
    subscriber = Subscriber("mixed", reactions={SampleCreated: [mix]})
    await consumer(subscriber).handle_batch(batch)
    assert seen == [str(ours.agency), ""], "what the first reaction left is not the second one's"
    seen.clear()
    batch = [
        record_of(ours.agency, number=1),
        record_of(theirs.agency, sample, 2),
        record_of(ours.agency, number=1),
    ]
    await consumer(subscriber).handle_batch(batch)
    assert seen == [str(who.agency) for who in (ours, theirs, theirs, theirs, ours)]
    assert await is_counted(database, theirs, sample, 1)


async def test_session_that_sends_nothing_loses_no_effect(database, member, consumer):
    @reacts_to(SampleCreated)
    async def touch(unit, event) -> None:
        await unit.act_for(unit.envelope.agency)
        await unit.execute(
            "INSERT INTO data.sample_count (agency, root, events, last_sequence) VALUES (%(agency)s, %(root)s, 1, 1)",
            {"agency": unit.envelope.agency, "root": event.sample_id},
        )
        assert not unit.session.new

    ours, sample = member(), uuid4()
    await consumer(Subscriber("touched", reactions={SampleCreated: [touch]})).handle_batch(
        [record_of(ours.agency, sample)]
    )
    assert await is_counted(database, ours, sample, 1)


async def test_unit_without_scope_can_neither_publish_nor_defer(database, service):
    with pytest.raises(PermissionError, match="no agency scope"):
        async with database.unit_for_service(service) as unit:
            unit.publish(SampleCreated(sample_id=uuid4()))
