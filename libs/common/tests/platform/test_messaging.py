"""An event's path from its commit to its effect in another service, over the real Kafka."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from event_helpers import event_counts, is_counted, parked_key, publish, running
from sample_service import PROJECTION, REACTIONS, Sample, SampleCreated, create_sample
from solidary.language.events import Envelope, encode
from solidary.platform.database import Database, outbox
from solidary.platform.messaging import parked
from solidary.platform.messaging.backlog import BacklogMonitor, read_backlog
from solidary.platform.messaging.rebuild import rebuild
from solidary.platform.messaging.record import Record
from solidary.platform.telemetry import CONSUMER_LAG, OUTBOX_AGE
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin
from sqlalchemy import text


async def test_committed_event_has_its_effect_once_and_in_order(database, member, relay, consumer):
    ours = member()
    samples = [await publish(database, ours, 1, 2, 3) for _ in range(5)]
    async with running(relay(), relay(), consumer(REACTIONS)):
        found = await eventually(lambda: _all_counted(database, ours, 5, 3), what="all events counted")
    assert {root for root, *_ in found} == set(samples)
    assert all(gaps == 0 and last == 3 for _, _, last, gaps in found)


async def _all_counted(database, principal, count, each):
    found = await event_counts(database, principal)
    return found if len(found) == count and all(row[1] >= each for row in found) else None


async def test_event_twice_in_one_batch_has_one_effect(database, member, consumer):
    ours = member()
    event = SampleCreated(sample_id=uuid4())
    envelope = Envelope(
        uuid4(), event.type, "/pa/market", event.key, datetime.now(UTC), ours.agency, 1, None, event
    )
    _, headers, value = encode(envelope)
    record = Record(event.key, str(envelope.id), tuple(headers), value)
    await consumer(REACTIONS).handle_batch([record, record])
    await consumer(REACTIONS).handle_batch([record])
    assert [row[1] for row in await event_counts(database, ours)] == [1]


async def test_failed_transaction_publishes_nothing(database, admin, member):
    ours = member()
    with pytest.raises(RuntimeError):
        async with database.unit(ours) as unit:
            await create_sample(unit, "never")
            raise RuntimeError
    async with database.unit(ours) as unit:
        assert (await unit.session.execute(text("SELECT FROM data.sample"))).all() == []
    found = await admin.execute("SELECT FROM machinery.outbox WHERE agency = %s", [ours.agency])
    assert await found.fetchall() == []


async def test_failing_event_parks_only_its_key_and_is_replayed_in_order(
    database, member, relay, consumer, service
):
    ours = member()
    good = await publish(database, ours, 1)
    bad = await publish(database, ours, -1, 2)
    async with running(relay(), consumer(REACTIONS)):
        await eventually(lambda: is_counted(database, ours, good, 1), what="the good key's effect")
        await publish(database, ours, 3, sample=bad)
        await publish(database, ours, 2, sample=good)
        await eventually(lambda: is_counted(database, ours, good, 2), what="a later effect of the good key")
        parked_now = await eventually(lambda: parked_key(database, bad, 3), what="all three events parked")
    assert parked_now.reason == "Refused"
    assert not await is_counted(database, ours, bad, 1)

    original = REACTIONS.reactions[SampleCreated]
    REACTIONS.reactions[SampleCreated] = [_without_refusal(original[0])]
    try:
        assert await parked.replay(database, service, REACTIONS, str(bad)) == 3
    finally:
        REACTIONS.reactions[SampleCreated] = original
    assert [row for row in await event_counts(database, ours) if row[0] == bad] == [(bad, 3, 3, 0)]
    assert await parked_key(database, bad, 0) is None


def _without_refusal(handler):
    async def handle(unit, event):
        await handler(unit, event.model_copy(update={"number": 1}))

    return handle


async def test_backlog_is_measured(database, member, relay, consumer, country):
    ours, consuming = member(), consumer(REACTIONS)
    sample = await publish(database, ours, 1, 2)
    monitor = BacklogMonitor(database, "market", [consuming])
    async with running(monitor):
        readings = await eventually(lambda: _measured(monitor), what="a measurement")
    assert readings[OUTBOX_AGE][0][0] > 0
    assert readings[CONSUMER_LAG] == []
    async with running(relay(), consuming):
        await eventually(lambda: is_counted(database, ours, sample, 2), what="the effect")
        monitor = BacklogMonitor(database, "market", [consuming])
        lag = await eventually(lambda: _caught_up(consuming), what="offsets committed")
        async with running(monitor):
            readings = await eventually(lambda: _measured(monitor), what="a measurement")
    assert len(lag) == len(readings[CONSUMER_LAG]) == 12
    assert readings[OUTBOX_AGE] == [(0.0, {"messaging.destination.name": f"{country}.market"})]
    assert await consuming.lag() == {}


async def test_health_page_shows_the_lag_and_its_age(database, member, relay, consumer, country, statements):
    async def measure(*consumers) -> None:
        monitor = BacklogMonitor(database, "market", consumers)
        async with running(monitor):
            await eventually(lambda: _measured(monitor), what="a measurement")

    ours, consuming = member(), consumer(REACTIONS)
    async with running(relay(), consuming):
        sample = await publish(database, ours, 1, 2)
        await eventually(lambda: is_counted(database, ours, sample, 2), what="the effect")
        await eventually(lambda: _caught_up(consuming), what="offsets committed")
        statements.clear()
        await measure(consuming)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "WITH"]
    statements.clear()
    lag = (await read_backlog(database)).lag["reactions"]
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    assert lag.events == 0
    assert lag.measured_seconds_ago < 60

    async with database.session_without_scope() as session:
        await session.execute(
            text(
                "UPDATE machinery.lag SET events = 7, measured_at = measured_at - interval '1 hour' WHERE partition = 3"
            )
        )
        await session.commit()
    await measure(consuming)  # it reads no partition now
    lag = (await read_backlog(database)).lag["reactions"]
    assert lag.events == 7, "the figure of a partition that is not read stays"
    assert lag.measured_seconds_ago > 3600, "and its age is shown"
    await measure(consumer(PROJECTION))
    assert "reactions" not in (await read_backlog(database)).lag, "a removed subscriber has no lag"


async def _measured(monitor):
    return monitor.readings or None


async def _caught_up(consuming):
    lag = await consuming.lag()
    return lag if lag and not any(lag.values()) else None


async def test_parked_key_can_be_discarded(database, member, relay, consumer, service):
    ours = member()
    bad = await publish(database, ours, -1)
    async with running(relay(), consumer(REACTIONS)):
        await eventually(lambda: parked_key(database, bad, 1), what="the key is parked")
    assert await parked.discard(database, service, REACTIONS, str(bad)) == 1
    assert await parked_key(database, bad, 1) is None
    assert not await is_counted(database, ours, bad, 1)


async def test_read_model_is_rebuilt_from_its_topic(
    run, sample_database, database, member, relay, consumer, service, country
):
    ours = member()
    sample = await publish(database, ours, 1, 2, 3, 4)
    async with running(relay(), consumer(PROJECTION)):
        await eventually(lambda: is_counted(database, ours, sample, 4), what="the read model")
    async with database.unit(ours) as unit:
        await unit.session.execute(text("UPDATE data.sample_count SET events = 999"))
    as_migrator = Database(sample_database.roles["migrate"], service="market", country="pa", pool_size=2)
    replayed = await rebuild(
        PROJECTION, as_migrator, kafka_as_admin(run), principal=service, topics=[f"{country}.market.counts"]
    )
    await as_migrator.close()
    assert replayed >= 4
    assert await is_counted(database, ours, sample, 4)


async def test_command_costs_its_statements_the_scope_one_outbox_insert_and_the_commit(
    database, member, statements
):
    async with database.unit(member()) as unit:
        for content in ("one", "two", "three"):
            unit.add(Sample(id=(id_ := uuid4()), root=id_, content=content))
            unit.publish(SampleCreated(sample_id=id_))
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "WITH"]
    assert statements[0].startswith("SELECT set_config")
    assert statements[2] == outbox.INSERT_EVENTS.split("(")[0].strip()
