"""The consumer: takes batches from Kafka and gives a subscriber its events, each with exactly one effect.

A batch is one transaction: inbox, effects, commit; its offsets are committed after it. When it fails, it is handled by
halves, down to the event that fails. When an event fails repeatedly, its *key* is parked: this event and every later
one of the same aggregate wait for `parked replay`, while all other keys continue. The loss of a database or broker
parks nothing: the consumer waits until it is back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.language.events import DecodeError, Envelope, UnknownEventType
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.database.errors import is_lock_conflict, is_transient
from solidary.platform.database.event_connection import EventConnection, EventUnit
from solidary.platform.identity import Principal
from solidary.platform.messaging import inbox
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.record import Record
from solidary.platform.messaging.subscriber import Subscriber
from solidary.platform.process import wait_for_stop

log = logging.getLogger(__name__)

BATCH = 500
PROJECTION_BATCH = 2_000
"""The batch of a subscriber with projections only, which costs a few statements whatever its size."""
COMMIT_SECONDS = 0.25
"""The longest time from effects to the commit of their offsets; the inbox skips events that are read again."""
ATTEMPTS = 4
BACKOFF_SECONDS = (0.05, 0.2, 0.8)
WAIT_SECONDS = (0.1, 0.5, 2.0)


class Consumer:
    """The loop of one subscriber."""

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
        self.group = f"{database.country.lower()}.{database.service}.{subscriber.name}"
        self.handled = 0
        self._connected: AIOKafkaConsumer | None = None
        self._database_connection: EventConnection | None = None

    async def lag(self) -> dict[TopicPartition, int]:
        """Return the number of events not yet handled and committed, for each partition that is assigned now."""
        if self._connected is None:
            return {}
        ends = await self._connected.end_offsets(self._connected.assignment())
        return {at: end - (await self._connected.committed(at) or 0) for at, end in ends.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, waiting where the database or the broker is lost."""
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
                log.warning("%s retries in %.1f s after %s", self.group, pause, type(error).__name__)
                await wait_for_stop(stop, pause)

    async def _consume(self, stop: asyncio.Event) -> None:
        size = BATCH if self.subscriber.reactions else PROJECTION_BATCH
        consumer = self._kafka.consumer(*self._topics, group=self.group, max_records=size)
        handled: dict[TopicPartition, int] = {}
        committed = time.monotonic()
        try:
            await consumer.start()
            self._connected = consumer
            while not stop.is_set():
                fetched = await _fetch(consumer)
                records = [Record.of(record) for record in fetched]
                if not records:
                    await self._release()
                else:
                    await self.handle_batch(records)
                    handled |= {TopicPartition(r.topic, r.partition): r.offset + 1 for r in fetched}
                if handled and (not records or time.monotonic() > committed + COMMIT_SECONDS):
                    await _commit(consumer, handled)
                    handled, committed = {}, time.monotonic()
            if handled:
                await _commit(consumer, handled)
        finally:
            self._connected = None
            await self._release()
            await consumer.stop()

    async def handle_batch(self, records: Sequence[Record]) -> None:
        """Handle a batch in one transaction, or by halves when that fails."""
        try:
            await self._handle_or_halve(records)
            self.handled += len(records)
        finally:
            if self._connected is None:
                await self._release()

    async def _handle_or_halve(self, records: Sequence[Record]) -> None:
        """Handle records in order; one that fails costs a few transactions, not one for each of the others."""
        try:
            return await self._handle_together(records)
        except Exception as error:
            if is_transient(error) and not is_lock_conflict(error):
                raise
            log.info(
                "%s handles %d events by halves after %s", self.group, len(records), type(error).__name__
            )
        if len(records) == 1:
            return await self._handle_alone(records[0])
        half = len(records) // 2
        await self._handle_or_halve(records[:half])
        return await self._handle_or_halve(records[half:])

    async def _handle_together(self, records: Sequence[Record]) -> None:
        """Handle records in one transaction, which is repeated after a conflict of locks."""
        for pause in BACKOFF_SECONDS:
            try:
                return await self._handle_once(records)
            except (DBAPIError, psycopg.Error) as error:
                if not is_lock_conflict(error):
                    raise
            await asyncio.sleep(pause)
        return await self._handle_once(records)

    async def _handle_once(self, records: Sequence[Record]) -> None:
        async with self._unit() as unit:
            if (owner := records[0].agency) is not None:
                unit.expect(owner)
            new = await inbox.enter_new(unit, self.subscriber.name, records)
            await handle(self.subscriber, unit, new, self._kafka)

    async def _handle_alone(self, record: Record) -> None:
        reason = ""
        for pause in (*BACKOFF_SECONDS, None):
            try:
                return await self._handle_together([record])
            except Exception as error:
                if is_transient(error):
                    raise
                reason = describe(error)
            if pause is not None:
                await asyncio.sleep(pause)
        log.error("%s parks a key after %d attempts: %s", self.group, ATTEMPTS, reason)
        async with self._unit() as unit:
            await inbox.park(unit, self.subscriber.name, record, ATTEMPTS, reason)
        return None

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[EventUnit]:
        """Open a unit of work on a connection that is kept while events wait and nothing fails."""
        if self._database_connection is None:
            self._database_connection = await self._database.event_connection()
        try:
            goes_on = self._connected is not None
            async with self._database_connection.unit(self._principal, goes_on=goes_on) as unit:
                yield unit
        except BaseException:
            await self._release()
            raise

    async def _release(self) -> None:
        if self._database_connection is not None:
            connection, self._database_connection = self._database_connection, None
            await connection.close()


async def handle(
    subscriber: Subscriber, unit: UnitOfWork, records: Sequence[Record], kafka: KafkaSettings | None = None
) -> None:
    """Decode records and give them to the subscriber; event types that are not known here are skipped.

    A subscriber of notices needs `kafka`, whose secrets decrypt them.
    """
    if subscriber.notice_handler is not None and kafka is not None:
        cipher = kafka.notice_cipher
        await subscriber.handle_notices(
            unit, [cipher.decrypt(record.headers, record.value) for record in records]
        )
        return
    envelopes: list[Envelope] = []
    for record in records:
        try:
            envelopes.append(record.decode())
        except UnknownEventType:
            continue
    await subscriber.handle(unit, envelopes)


def describe(error: BaseException) -> str:
    """Return an error's kind without its values: `IntegrityError 23505 uq_visit_person`, `DecodeError …`."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.Error):
        name = cause.diag.constraint_name or ""
        return f"{type(cause).__name__} {cause.sqlstate or ''} {name}".strip()
    if isinstance(error, DecodeError):
        return f"{type(error).__name__}: {error}"
    return type(error).__name__


async def _fetch(consumer: AIOKafkaConsumer) -> list[ConsumerRecord[bytes, bytes]]:
    """Return the next events, those of a partition in order; none after COMMIT_SECONDS."""
    fetched = await consumer.getmany(timeout_ms=int(COMMIT_SECONDS * 1000))
    return [record for records in fetched.values() for record in records]


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Commit the offsets of partitions that are still assigned; the inbox covers those that another consumer took."""
    assigned = consumer.assignment()
    remaining = {at: offset for at, offset in offsets.items() if at in assigned}
    if not remaining:
        return
    try:
        await consumer.commit(remaining)
    except (CommitFailedError, IllegalStateError):
        log.info("offsets were not committed: the partitions were reassigned")
