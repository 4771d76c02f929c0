"""The rebuild of a read model from its topics.

One transaction empties the projection's tables and its inbox, and replays every event up to now; readers see the
old model until it commits. The running consumer waits meanwhile, and afterwards skips what the rebuild has replayed.
Discarded events stay discarded. Reactions never run again.

Where Kafka has deleted events, as the country's schedule requires, the rows that came of them stay: only what comes of
aggregates whose events are all there is emptied and replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

from solidary.files.command_line import CommandError, show_progress
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.messaging import inbox
from solidary.platform.messaging.consumer import BATCH, handle
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.record import Record
from solidary.platform.messaging.subscriber import Subscriber

LOCK_SUBSCRIBER = text("SELECT pg_advisory_xact_lock(hashtext(:subscriber))")
ROWS_TO_DELETE = (
    "machinery.inbox WHERE subscriber = :subscriber AND NOT discarded",
    "machinery.parked_event WHERE subscriber = :subscriber",
    "machinery.parked_key WHERE subscriber = :subscriber",
)
ROWS_OF_EVENTS = "machinery.inbox WHERE subscriber = :subscriber AND NOT discarded AND event_id = ANY(:ids)"
ROWS_OF_KEYS = (
    "machinery.parked_event WHERE subscriber = :subscriber AND key = ANY(:keys)",
    "machinery.parked_key WHERE subscriber = :subscriber AND key = ANY(:keys)",
)


async def rebuild(
    subscriber: Subscriber,
    database: Database,
    kafka: KafkaSettings,
    *,
    principal: Principal,
    topics: Sequence[str],
) -> int:
    """Rebuild a projection and return the number of events replayed.

    `database` is opened with the role that migrates, which is not under row-level security. Raises CommandError for
    a subscriber that has reactions.
    """
    if subscriber.reactions or not subscriber.tables:
        raise CommandError(
            f"{subscriber.name} is not a projection, so it cannot be rebuilt: reactions never run again."
        )
    replayed, whole_keys = 0, set[str]()
    consumer = kafka.consumer(group=None, max_records=BATCH)
    await consumer.start()
    try:
        async with database.unit_for_service(principal, long_running=True) as unit:
            await unit.session.execute(LOCK_SUBSCRIBER, {"subscriber": subscriber.name})
            partitions = await _partitions(consumer, topics)
            consumer.assign(partitions)
            is_whole = not any((await consumer.beginning_offsets(partitions)).values())
            if is_whole:
                await _delete(unit, subscriber, *subscriber.tables, *ROWS_TO_DELETE)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            total = sum(ends.values())
            while any([await consumer.position(at) < end for at, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=500)
                records = [
                    Record.of(record)
                    for at, found in fetched.items()
                    for record in found
                    if record.offset < ends[at]
                ]
                if not is_whole:
                    records = await _reset_whole_aggregates(unit, subscriber, records, whole_keys)
                new = await inbox.enter_new(unit, subscriber.name, records) if records else []
                await handle(subscriber, unit, new)
                replayed += len(new)
                show_progress(replayed, total, f"rebuilding {subscriber.name}")
    finally:
        await consumer.stop()
    return replayed


async def _reset_whole_aggregates(
    unit: UnitOfWork, subscriber: Subscriber, records: Sequence[Record], whole_keys: set[str]
) -> list[Record]:
    """Delete what came of aggregates whose first event is still there, and return their records.

    `whole_keys` are those seen so far; the events of an aggregate come in order.
    """
    first = [record.key for record in records if dict(record.headers).get("ce_sequence") == b"1"]
    whole_keys.update(first)
    whole = [record for record in records if record.key in whole_keys]
    rows = [f"{table} WHERE {column}::text = ANY(:keys)" for table, column in subscriber.tables.items()]
    await _delete(unit, subscriber, *rows, *ROWS_OF_KEYS, keys=first)
    await _delete(unit, subscriber, ROWS_OF_EVENTS, ids=[UUID(record.event_id) for record in whole])
    return whole


async def _delete(unit: UnitOfWork, subscriber: Subscriber, *rows: str, **values: object) -> None:
    for each in rows:
        await unit.session.execute(text(f"DELETE FROM {each}"), {"subscriber": subscriber.name, **values})


async def _partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    await consumer._client.force_metadata_update()
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(consumer.partitions_for_topic(topic) or ())
    ]
