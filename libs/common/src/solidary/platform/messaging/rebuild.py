"""The rebuild of a read model from its topics.

One transaction empties the projection's tables and its inbox, and replays every event up to now; readers see the
old model until it commits. The running consumer waits meanwhile, and afterwards skips what the rebuild has replayed.
Discarded events stay discarded. Reactions never run again.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text

from solidary.files.command_line import CommandError, show_progress
from solidary.platform.database import Database
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
    replayed = 0
    consumer = kafka.consumer(group=None, max_records=BATCH)
    await consumer.start()
    try:
        async with database.unit_for_service(principal, long_running=True) as unit:
            await unit.session.execute(LOCK_SUBSCRIBER, {"subscriber": subscriber.name})
            for table in subscriber.tables:
                await unit.session.execute(text(f"DELETE FROM {table}"))
            for rows in ROWS_TO_DELETE:
                await unit.session.execute(text(f"DELETE FROM {rows}"), {"subscriber": subscriber.name})
            partitions = await _partitions(consumer, topics)
            consumer.assign(partitions)
            await _require_whole_topics(subscriber, consumer, partitions)
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
                new = await inbox.enter_new(unit.session, subscriber.name, records) if records else []
                await handle(subscriber, unit, new)
                replayed += len(new)
                show_progress(replayed, total, f"rebuilding {subscriber.name}")
    finally:
        await consumer.stop()
    return replayed


async def _require_whole_topics(
    subscriber: Subscriber, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> None:
    """Raise CommandError where Kafka has deleted events: what came of them would be lost."""
    beginnings = await consumer.beginning_offsets(partitions)
    deleted = sum(beginnings.values())
    if deleted:
        raise CommandError(
            f"{subscriber.name} cannot be rebuilt: Kafka has deleted {deleted:,} older events, as the country's "
            "schedule requires, and what came of them would be lost. Nothing was changed. Restore the read model "
            "from a backup instead."
        )


async def _partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    await consumer._client.force_metadata_update()
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(consumer.partitions_for_topic(topic) or ())
    ]
