"""A read model made anew: it takes its time, and respects what was given up."""

from __future__ import annotations

import asyncio

import pytest
from posting import held, posted, publish, somebody_waits_long, tallied, tallies, waits_parked, working
from solidary.platform.database import Database
from solidary.platform.messaging import parked
from solidary.platform.messaging.rebuild import rebuild
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from toy import PROJECTION


@pytest.fixture
async def migrator(place, hasty):
    opened = Database(place.roles["migrate"], service="market", country="pa", pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
def rebuilt(run, migrator, service, country):
    async def rebuilt() -> int:
        topics = [f"{country}.market"]
        return await rebuild(PROJECTION, migrator, kafka_as_admin(run), principal=service, topics=topics)

    return rebuilt


async def test_a_rebuild_takes_the_time_that_it_needs(admin, database, member, relay, consumer, rebuilt):
    ours = member()
    letter = await publish(database, ours, 1, 2)
    async with working(relay(), consumer(PROJECTION)):
        await eventually(lambda: tallied(database, ours, letter, 2), what="the read model")
    async with held(admin, "LOCK TABLE data.tally"):
        rebuilding = asyncio.create_task(rebuilt())
        await eventually(lambda: somebody_waits_long(admin), what="the rebuild's wait")
    assert await rebuilding >= 2
    assert await tallied(database, ours, letter, 2)


async def test_what_was_given_up_stays_given_up_when_the_read_model_is_rebuilt(
    run, country, database, member, relay, consumer, service, rebuilt
):
    ours, broken = member(), posted(member().agency)
    letter = await publish(database, ours, 1, 2)
    producer = kafka_as_admin(run).producer()
    await producer.start()
    try:
        await producer.send_and_wait(
            f"{country}.market", key=broken.key.encode(), headers=list(broken.headers), value=b"{"
        )
    finally:
        await producer.stop()
    async with working(relay(), consumer(PROJECTION)):
        await eventually(
            lambda: waits_parked(database, broken.key, 1, PROJECTION.name), what="the broken event"
        )
        await eventually(lambda: tallied(database, ours, letter, 2), what="the read model")
    assert await parked.discard(database, service, PROJECTION, broken.key) == 1
    before = await tallies(database, ours)
    assert await rebuilt() >= 2
    assert await tallies(database, ours) == before
