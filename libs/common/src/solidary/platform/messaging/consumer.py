"""The consumer: takes batches from Kafka and gives a subscriber its events, each with exactly one effect.

A batch is one transaction: inbox, effects, commit; its offsets follow. When it fails, its events go one by one.
An event that fails again and again has its *key* parked: that event and every later one of the same aggregate
wait for `parked replay`, while all other keys go on. A lost database or broker parks nothing: it is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.language.events import DecodeError, Envelope, UnknownEventType
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.database.errors import is_lock_conflict, is_transient
from solidary.platform.identity import Principal
from solidary.platform.messaging import inbox
from solidary.platform.messaging.kafka import KafkaSettings, topic
from solidary.platform.messaging.record import Record
from solidary.platform.messaging.running import wait_for_stop
from solidary.platform.messaging.subscriber import Subscriber

log = logging.getLogger(__name__)

BATCH = 500
PROJECTED_BATCH = 2_000
"""Where there are projections only: a batch then costs a few statements, however large it is."""
COMMIT_SECONDS = 0.25
"""At the most so long after their effects are offsets committed; what a successor reads again, the inbox knows."""
ATTEMPTS = 4
BACKOFF_SECONDS = (0.05, 0.2, 0.8)
WAIT_SECONDS = (0.1, 0.5, 2.0)


class Consumer:
    """One subscriber's loop."""

    def __init__(
        self,
        subscriber: Subscriber,
        database: Database,
        kafka: KafkaSettings,
        *,
        principal: Principal,
        topics: Sequence[str],
    ) -> None:
        self.subscriber, self._database, self._kafka = subscriber, database, kafka
        self._principal, self._topics = principal, topics
        self.group = f"{topic(database.country, database.service)}.{subscriber.name}"
        self.handled = 0
        self._reading: AIOKafkaConsumer | None = None

    async def behind(self) -> dict[TopicPartition, int]:
        """Events in the partitions that it reads now which are not yet handled and committed."""
        if self._reading is None:
            return {}
        ends = await self._reading.end_offsets(self._reading.assignment())
        return {at: end - (await self._reading.committed(at) or 0) for at, end in ends.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`; a lost database or broker is waited for."""
        failures = 0
        while not stop.is_set():
            before = self.handled
            try:
                await self._consume(stop)
            except (KafkaError, OSError, PoolTimeout, DBAPIError, psycopg.Error) as error:
                if isinstance(error, DBAPIError | psycopg.Error) and not is_transient(error):
                    raise
                failures = 0 if self.handled > before else failures + 1
                pause = WAIT_SECONDS[min(failures, len(WAIT_SECONDS) - 1)]
                log.warning("%s waits %.1f s: %s", self.group, pause, type(error).__name__)
                await wait_for_stop(stop, pause)

    async def _consume(self, stop: asyncio.Event) -> None:
        size = BATCH if self.subscriber.reactions else PROJECTED_BATCH
        consumer = self._kafka.consumer(*self._topics, group=self.group, max_records=size)
        handled: dict[TopicPartition, int] = {}
        committed = time.monotonic()
        try:
            await consumer.start()
            self._reading = consumer
            while not stop.is_set():
                fetched = await _fetch(consumer)
                records = [Record.of(record) for record in fetched]
                if records:
                    await self.take(records)
                    handled |= {TopicPartition(r.topic, r.partition): r.offset + 1 for r in fetched}
                if handled and (not records or time.monotonic() > committed + COMMIT_SECONDS):
                    await _commit(consumer, handled)
                    handled, committed = {}, time.monotonic()
            if handled:
                await _commit(consumer, handled)
        finally:
            self._reading = None
            await consumer.stop()

    async def take(self, records: Sequence[Record]) -> None:
        """Handles a batch: in one transaction, or one by one when that fails."""
        try:
            await self._together(records)
        except Exception as error:
            if is_transient(error) and not is_lock_conflict(error):
                raise
            log.info("%s takes %d events one by one: %s", self.group, len(records), type(error).__name__)
            for record in records:
                await self._alone(record)
        self.handled += len(records)

    async def _together(self, records: Sequence[Record]) -> None:
        """One transaction, tried again where it was in another's way: a deadlock is over when one side gives in."""
        for pause in BACKOFF_SECONDS:
            try:
                return await self._once(records)
            except DBAPIError as error:
                if not is_lock_conflict(error):
                    raise
            await asyncio.sleep(pause)
        return await self._once(records)

    async def _once(self, records: Sequence[Record]) -> None:
        async with self._unit() as unit:
            await handle(
                self.subscriber, unit, await inbox.take_in(unit.session, self.subscriber.name, records)
            )

    async def _alone(self, record: Record) -> None:
        reason = ""
        for pause in (*BACKOFF_SECONDS, None):
            try:
                return await self._together([record])
            except Exception as error:
                if is_transient(error):
                    raise
                reason = described(error)
            if pause is not None:
                await asyncio.sleep(pause)
        log.error("%s parks a key after %d attempts: %s", self.group, ATTEMPTS, reason)
        async with self._unit() as unit:
            await inbox.park(unit.session, self.subscriber.name, record, ATTEMPTS, reason)
        return None

    def _unit(self) -> UnitOfWork:
        return self._database.unit_of_service(self._principal)


async def handle(subscriber: Subscriber, unit: UnitOfWork, records: Sequence[Record]) -> None:
    """Opens the records and gives them to the subscriber; a type that it does not know is passed over."""
    envelopes: list[Envelope] = []
    for record in records:
        try:
            envelopes.append(record.open())
        except UnknownEventType:
            continue
    await subscriber.handle(unit, envelopes)


def described(error: BaseException) -> str:
    """An error's kind, without its values: `IntegrityError 23505 uq_visit_person`, `DecodeError …`."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.Error):
        name = cause.diag.constraint_name or ""
        return f"{type(cause).__name__} {cause.sqlstate or ''} {name}".strip()
    if isinstance(error, DecodeError):
        return f"{type(error).__name__}: {error}"
    return type(error).__name__


async def _fetch(consumer: AIOKafkaConsumer) -> list[ConsumerRecord[bytes, bytes]]:
    """The next events, each partition's in order; none after COMMIT_SECONDS."""
    fetched = await consumer.getmany(timeout_ms=int(COMMIT_SECONDS * 1000))
    return [record for records in fetched.values() for record in records]


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Commits the offsets of partitions that are still ours; the others' new owner finds them in the inbox."""
    ours = consumer.assignment()
    still = {at: offset for at, offset in offsets.items() if at in ours}
    if not still:
        return
    try:
        await consumer.commit(still)
    except (CommitFailedError, IllegalStateError):
        log.info("offsets not committed: the partitions have moved on")
