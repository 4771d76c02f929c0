"""From a commit to its effect in another service, over the real Kafka."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from posting import publish, tallied, tallies, waits_parked, working
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
from toy import PROJECTION, REACTIONS, Letter, LetterWritten, write_letter


async def test_a_committed_event_has_its_effect_once_and_in_order(database, member, relay, consumer):
    ours = member()
    letters = [await publish(database, ours, 1, 2, 3) for _ in range(5)]
    async with working(relay(), relay(), consumer(REACTIONS)):
        found = await eventually(lambda: _all(database, ours, 5, 3), what="all letters tallied")
    assert {root for root, *_ in found} == set(letters)
    assert all(disorder == 0 and last == 3 for _, _, last, disorder in found)


async def _all(database, principal, count, each):
    found = await tallies(database, principal)
    return found if len(found) == count and all(row[1] >= each for row in found) else None


async def test_an_event_that_comes_twice_in_one_batch_has_one_effect(database, member, consumer):
    ours = member()
    event = LetterWritten(letter_id=uuid4())
    envelope = Envelope(
        uuid4(), event.type, "/pa/market", event.key, datetime.now(UTC), ours.agency, (), 1, None, event
    )
    _, headers, value = encode(envelope)
    record = Record(event.key, str(envelope.id), tuple(headers), value)
    await consumer(REACTIONS).handle_batch([record, record])
    await consumer(REACTIONS).handle_batch([record])
    assert [row[1] for row in await tallies(database, ours)] == [1]


async def test_a_transaction_that_fails_tells_nothing(database, member, place):
    ours = member()
    with pytest.raises(RuntimeError):
        async with database.unit(ours) as unit:
            await write_letter(unit, "never")
            raise RuntimeError
    async with database.unit(ours) as unit:
        assert (await unit.session.execute(text("SELECT FROM data.letter"))).all() == []
        assert (
            await unit.session.execute(
                text("SELECT FROM machinery.feed WHERE agency = :a"), {"a": ours.agency}
            )
        ).all() == []


async def test_a_failing_event_parks_its_key_only_and_replays_in_order(
    database, member, relay, consumer, service
):
    ours = member()
    good = await publish(database, ours, 1)
    bad = await publish(database, ours, -1, 2)
    async with working(relay(), consumer(REACTIONS)):
        await eventually(lambda: tallied(database, ours, good, 1), what="the good key's effect")
        await publish(database, ours, 3, letter=bad)
        await publish(database, ours, 2, letter=good)
        await eventually(lambda: tallied(database, ours, good, 2), what="the good key goes on")
        waiting = await eventually(lambda: waits_parked(database, bad, 3), what="all three events parked")
    assert waiting.reason == "Refused"
    assert not await tallied(database, ours, bad, 1)

    original = REACTIONS.reactions[LetterWritten]
    REACTIONS.reactions[LetterWritten] = [_forgiving(original[0])]
    try:
        assert await parked.replay(database, service, REACTIONS, str(bad)) == 3
    finally:
        REACTIONS.reactions[LetterWritten] = original
    assert [row for row in await tallies(database, ours) if row[0] == bad] == [(bad, 3, 3, 0)]
    assert await waits_parked(database, bad, 0) is None


def _forgiving(handler):
    async def handle(unit, event):
        await handler(unit, event.model_copy(update={"number": 1}))

    return handle


async def test_what_waits_is_measured(database, member, relay, consumer, country):
    ours, hearer = member(), consumer(REACTIONS)
    letter = await publish(database, ours, 1, 2)
    watch = BacklogMonitor(database, f"{country}.market", [hearer])
    async with working(watch):
        readings = await eventually(lambda: _measured(watch), what="a measurement")
    assert readings[OUTBOX_AGE][0][0] > 0
    assert readings[CONSUMER_LAG] == []
    async with working(relay(), hearer):
        await eventually(lambda: tallied(database, ours, letter, 2), what="the effect")
        watch = BacklogMonitor(database, f"{country}.market", [hearer])
        behind = await eventually(lambda: _caught_up(hearer), what="offsets committed")
        async with working(watch):
            readings = await eventually(lambda: _measured(watch), what="a measurement")
    assert len(behind) == len(readings[CONSUMER_LAG]) == 12
    assert readings[OUTBOX_AGE] == [(0.0, {"messaging.destination.name": f"{country}.market"})]
    assert await hearer.lag() == {}


async def test_the_health_page_shows_the_lag_and_how_old_that_figure_is(
    database, member, relay, consumer, country, statements
):
    async def measure(*consumers) -> None:
        watch = BacklogMonitor(database, f"{country}.market", consumers)
        async with working(watch):
            await eventually(lambda: _measured(watch), what="a measurement")

    ours, hearer = member(), consumer(REACTIONS)
    async with working(relay(), hearer):
        letter = await publish(database, ours, 1, 2)
        await eventually(lambda: tallied(database, ours, letter, 2), what="the effect")
        await eventually(lambda: _caught_up(hearer), what="offsets committed")
        statements.clear()
        await measure(hearer)
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
    await measure(hearer)  # which reads nothing now
    lag = (await read_backlog(database)).lag["reactions"]
    assert lag.events == 7, "what nobody reads keeps its figure"
    assert lag.measured_seconds_ago > 3600, "and shows its age"
    await measure(consumer(PROJECTION))
    assert "reactions" not in (await read_backlog(database)).lag, "a subscriber that is no more has no lag"


async def _measured(watch):
    return watch.readings or None


async def _caught_up(hearer):
    behind = await hearer.lag()
    return behind if behind and not any(behind.values()) else None


async def test_a_parked_key_can_be_given_up(database, member, relay, consumer, service):
    ours = member()
    bad = await publish(database, ours, -1)
    async with working(relay(), consumer(REACTIONS)):
        await eventually(lambda: waits_parked(database, bad, 1), what="the key is parked")
    assert await parked.discard(database, service, REACTIONS, str(bad)) == 1
    assert await waits_parked(database, bad, 1) is None
    assert not await tallied(database, ours, bad, 1)


async def test_a_read_model_is_rebuilt_from_its_topic(
    run, place, database, member, relay, consumer, service, country
):
    ours = member()
    letter = await publish(database, ours, 1, 2, 3, 4)
    async with working(relay(), consumer(PROJECTION)):
        await eventually(lambda: tallied(database, ours, letter, 4), what="the read model")
    async with database.unit(ours) as unit:
        await unit.session.execute(text("UPDATE data.tally SET letters = 999"))
    as_migrator = Database(place.roles["migrate"], service="market", country="pa", pool_size=2)
    replayed = await rebuild(
        PROJECTION, as_migrator, kafka_as_admin(run), principal=service, topics=[f"{country}.market"]
    )
    await as_migrator.close()
    assert replayed >= 4
    assert await tallied(database, ours, letter, 4)


async def test_a_command_costs_scope_its_statements_one_outbox_insert_and_the_commit(
    database, member, statements
):
    async with database.unit(member()) as unit:
        for words in ("one", "two", "three"):
            unit.add(Letter(id=(id_ := uuid4()), root=id_, words=words))
            unit.publish(LetterWritten(letter_id=id_))
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "WITH"]
    assert statements[0].startswith("SELECT set_config")
    assert statements[2] == outbox.INSERT_EVENTS.split("(")[0].strip()
