"""What a consumer meets beside good events: partitions that move, records that are none, a database that is busy."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from posting import held, posted, publish, somebody_waits_long, tallied, tallies, waits_parked, working
from solidary.platform.database import Database
from solidary.platform.messaging import Subscriber, inbox, parked, reacts_to
from solidary.platform.messaging.consumer import _commit
from solidary.platform.messaging.record import Record
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from toy import REACTIONS, LetterWritten, tally

NO_TEXT = b"\xff\xfe"


async def test_offsets_of_partitions_that_have_all_moved_on_are_left_to_their_new_owner(run, country):
    reader = kafka_as_admin(run).consumer(f"{country}.market", group=f"{country}.moved", max_records=1)
    await reader.start()
    try:

        async def assigned() -> bool:
            return bool(reader.assignment())

        await eventually(assigned, what="partitions")
        await _commit(reader, {TopicPartition(f"{country}.market", 999): 1})
        assert {await reader.committed(at) for at in reader.assignment()} == {None}
    finally:
        await reader.stop()


async def test_a_record_that_is_no_event_parks_its_key_only(
    run, database, member, consumer, service, country
):
    ours, letter = member(), uuid4()
    good = [posted(ours.agency, letter) for _ in range(2)]
    spoilt = {
        "bad body": ({}, b"{"),
        "bad agency": ({"ce_agency": NO_TEXT}, None),
        "bad extension": ({"ce_sequence": b"1", "ce_other": NO_TEXT, "ce_time": b"noon"}, None),
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
                f"{country}.market", key=key, headers=list(headers), value=value, partition=0
            )

        await send(good[0].key.encode(), good[0].headers, good[0].value)
        for key, (changes, body) in spoilt.items():
            event = posted(ours.agency)
            headers = {**dict(event.headers), **changes}
            said = [(name, value) for name, value in headers.items() if value is not None]
            await send(key.encode(), said, event.value if body is None else body)
        await send(b"null header", [("ce_id", None)], b"")
        await send(good[1].key.encode(), good[1].headers, good[1].value)
    finally:
        await producer.stop()
    async with working(consumer(REACTIONS)):
        await eventually(lambda: tallied(database, ours, letter, 2), what="the good events' effects")
    async with database.session_without_scope() as session:
        rows = (await session.execute(text("SELECT key, reason FROM machinery.parked_key"))).all()
        events = (await session.execute(text("SELECT count(*) FROM machinery.parked_event"))).scalar()
    assert len(rows) == events == len(spoilt) + 1
    assert all(reason.startswith("DecodeError") for _, reason in rows)
    assert {"bad body", "bad agency", "nul\ufffd in the key"} < {key for key, _ in rows}
    for key, _ in rows:
        assert await parked.discard(database, service, REACTIONS, key) == 1


async def test_a_parked_event_keeps_every_byte_of_its_headers(database, member, consumer, service):
    ours = member()
    event = posted(ours.agency, number=-1)
    event = Record(event.key, event.event_id, (*event.headers, ("ce_other", NO_TEXT)), event.value)
    await consumer(REACTIONS).handle_batch([event])
    async with database.session_without_scope() as session:
        assert await inbox.first_parked_event(session, "reactions", event.key) == event
    assert await parked.discard(database, service, REACTIONS, event.key) == 1


async def test_a_pool_without_a_free_connection_is_waited_for(
    place, database, country, member, relay, consumer, monkeypatch, caplog
):
    monkeypatch.setattr("solidary.platform.database.engine.POOL_SECONDS", 0.05)
    narrow = Database(place.roles["app"], service="market", country=country, pool_size=1)
    ours = member()
    letter = await publish(database, ours, 1)

    async def waits() -> bool:
        return any("retries" in line and line.endswith(PoolTimeout.__name__) for line in caplog.messages)

    try:
        async with working(relay(), consumer(REACTIONS, narrow)):
            async with narrow.session_without_scope() as busy:
                await busy.execute(text("SELECT 1"))
                await eventually(waits, what="the consumer's wait")
            await eventually(lambda: tallied(database, ours, letter, 1), what="the effect")
    finally:
        await narrow.close()
    assert not any("parks" in line for line in caplog.messages), "it is not the event's fault"


async def test_a_batch_that_lost_a_deadlock_is_tried_again_where_it_is(database, member, consumer):
    tries = 0

    @reacts_to(LetterWritten)
    async def in_the_way(unit, event) -> None:
        nonlocal tries
        tries += 1
        if tries == 2:
            await unit.session.execute(
                text("DO $$ BEGIN RAISE 'in the way' USING ERRCODE = 'deadlock_detected'; END $$")
            )
        await tally(unit, event)

    ours, letter = member(), uuid4()
    hearer = consumer(Subscriber("reactions", reactions={LetterWritten: [in_the_way]}))
    await hearer.handle_batch([posted(ours.agency, letter) for _ in range(3)])
    assert tries == 2 + 3
    assert [row[:2] for row in await tallies(database, ours)] == [(letter, 3)]


async def test_a_consumer_waits_for_a_rebuild_longer_than_a_statement_may_take(
    place, hasty, admin, database, member, consumer
):
    patient = Database(place.roles["app"], service="market", country="pa")
    ours, letter = member(), uuid4()
    try:
        async with held(admin, "SELECT pg_advisory_xact_lock(hashtext('reactions'))"):
            taking = asyncio.create_task(
                consumer(REACTIONS, patient).handle_batch([posted(ours.agency, letter)])
            )
            await eventually(lambda: somebody_waits_long(admin), what="the consumer's wait")
        await taking
    finally:
        await patient.close()
    assert await tallied(database, ours, letter, 1)
    assert await waits_parked(database, letter, 1) is None


async def test_after_that_wait_a_statement_has_its_limit_again(place, hasty, admin, member, consumer):
    limits = []

    @reacts_to(LetterWritten)
    async def ask(unit, event) -> None:
        limits.append(await unit.session.scalar(text("SHOW statement_timeout")))

    hearer = Subscriber("reactions", reactions={LetterWritten: [ask]})
    database = Database(place.roles["app"], service="market", country="pa")
    try:
        async with held(admin, "SELECT pg_advisory_xact_lock(hashtext('reactions'))"):
            taking = asyncio.create_task(consumer(hearer, database).handle_batch([posted(member().agency)]))
            await eventually(lambda: somebody_waits_long(admin), what="the consumer's wait")
        await taking
    finally:
        await database.close()
    assert limits == ["200ms"]


async def test_a_reaction_that_does_not_say_for_whom_it_acts_acts_for_nobody(
    database, member, consumer, service
):
    acted_for = []

    @reacts_to(LetterWritten)
    async def sometimes(unit, event) -> None:
        if event.number == 1:
            await unit.act_for(unit.envelope.agency)
        acted_for.append(unit.principal.agency)

    ours = member()
    batch = [posted(ours.agency, number=number) for number in (1, 2)]
    await consumer(Subscriber("reactions", reactions={LetterWritten: [sometimes]})).handle_batch(batch)
    assert acted_for == [ours.agency, service.agency]


async def test_who_acts_for_nobody_has_nothing_to_tell_and_nothing_to_ask_for(database, service):
    with pytest.raises(PermissionError, match="no agency scope"):
        async with database.unit_for_service(service) as unit:
            unit.publish(LetterWritten(letter_id=uuid4()))
