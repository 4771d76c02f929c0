"""The rebuild of a read model: its duration, and discarded events."""

from __future__ import annotations

import asyncio

import pytest
from confluent_kafka import OFFSET_END, TopicPartition
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
from sample_service import PROJECTION
from solidary.platform.database import Database
from solidary.platform.messaging import parked
from solidary.platform.messaging.rebuild import rebuild
from solidary_testing import eventually
from solidary_testing.servers import kafka_admin, kafka_as_admin


@pytest.fixture
async def migrator(sample_database, short_timeouts):
    opened = Database(sample_database.roles["migrate"], service="market", country="pa", pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
def run_rebuild(run, migrator, service, country):
    async def run_rebuild() -> int:
        topics = [f"{country}.market.counts"]
        return await rebuild(PROJECTION, migrator, kafka_as_admin(run), principal=service, topics=topics)

    return run_rebuild


async def test_rebuild_may_take_longer_than_the_statement_timeout(
    admin, database, member, relay, consumer, run_rebuild
):
    ours = member()
    sample = await publish(database, ours, 1, 2)
    async with running(relay(), consumer(PROJECTION)):
        await eventually(lambda: is_counted(database, ours, sample, 2), what="the read model")
    async with lock_held(admin, "LOCK TABLE data.sample_count"):
        rebuilding = asyncio.create_task(run_rebuild())
        await eventually(lambda: is_waiting_long(admin), what="the rebuild's wait")
    assert await rebuilding >= 2
    assert await is_counted(database, ours, sample, 2)


async def test_discarded_event_has_no_effect_in_a_rebuild(
    run, country, database, member, relay, consumer, service, run_rebuild
):
    ours, broken = member(), record_of(member().agency)
    sample = await publish(database, ours, 1, 2)
    producer = kafka_as_admin(run).producer()
    await producer.start()
    try:
        await producer.send_and_wait(
            f"{country}.market.counts", key=broken.key.encode(), headers=list(broken.headers), value=b"{"
        )
    finally:
        await producer.stop()
    async with running(relay(), consumer(PROJECTION)):
        await eventually(
            lambda: parked_key(database, broken.key, 1, PROJECTION.name), what="the broken event"
        )
        await eventually(lambda: is_counted(database, ours, sample, 2), what="the read model")
    assert await parked.discard(database, service, PROJECTION, broken.key) == 1
    before = await event_counts(database, ours)
    assert await run_rebuild() >= 2
    assert await event_counts(database, ours) == before


async def test_rebuild_keeps_rows_of_events_that_kafka_has_deleted(
    run, country, admin, database, member, relay, consumer, run_rebuild
):
    ours = member()
    old = await publish(database, ours, 1, 2)
    begun = await publish(database, ours, 1)
    async with running(relay(), consumer(PROJECTION)):
        await eventually(lambda: is_counted(database, ours, old, 2), what="the read model")
        await eventually(lambda: is_counted(database, ours, begun, 1), what="the read model")
        delete_events(run, f"{country}.market.counts")
        await publish(database, ours, 2, sample=begun)
        whole = await publish(database, ours, 1, 2, 3)
        await eventually(lambda: is_counted(database, ours, begun, 2), what="the read model")
        await eventually(lambda: is_counted(database, ours, whole, 3), what="the read model")
    before = await event_counts(database, ours)
    await admin.execute("UPDATE data.sample_count SET events = 99 WHERE root = %s", (whole,))
    for _ in range(2):
        assert await run_rebuild() == 3
        assert sorted(await event_counts(database, ours)) == sorted(before)


def delete_events(run, topic: str) -> None:
    """Delete all events of a topic, as Kafka does when their time is over."""
    admin = kafka_admin(run)
    numbers = admin.list_topics(topic, timeout=10).topics[topic].partitions
    partitions = [TopicPartition(topic, number, OFFSET_END) for number in numbers]
    for deleted in admin.delete_records(partitions).values():
        deleted.result(30)
