"""The relay: reads the outbox, hands it to Kafka, and deletes what Kafka has acknowledged.

The outbox is divided into lanes by a hash of the aggregate's id. A relay takes lanes by advisory lock, so
several relays run side by side and each aggregate's events still leave in order. Delete and acknowledgement are
one transaction: a relay that dies has deleted nothing, and the events are sent again (the inbox knows them).
See docs/extending/relay.md for the measurements behind the batch building.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any

import psycopg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from psycopg.rows import tuple_row
from psycopg.types.string import ByteaBinaryLoader

from solidary.language.events.envelope import headers
from solidary.platform.connection import CONNECTION_PARAMETERS, shutdown_socket
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.partition import partitions
from solidary.platform.telemetry import sending

log = logging.getLogger(__name__)

CHANNEL = "outbox"
"""Of the NOTIFY that each writing transaction sends."""
LANES = 16
LANES_AT_ONCE = 8
"""Lanes that one relay takes in one round: half, so that a second relay finds work in a backlog."""
ROWS_PER_LANE = 300
"""2,400 events a round: more bring no speed, but memory."""
GATHER_SECONDS = 0.005
"""Rounds of a few events begin at least so far apart: each costs as much for one event as for ten. Where a round takes
longer than half of that, the relay rests as long as it worked: a busy machine gets fewer and fuller rounds."""
BACKLOG = 500
"""A round of so many: others wait behind it."""
LOCK_SPACE = 0x50A
POLL_SECONDS = 1.0
"""NOTIFY wakes the relay; this is only for a notification that got lost."""
SEND_SECONDS = 20.0
"""Our own deadline for what Kafka must acknowledge: an idempotent producer never gives a batch up by itself."""
SQL_SECONDS = 10.0
"""And for what PostgreSQL must answer in a round."""
SWEEP_SECONDS, SWEEP_ROWS = 5.0, 1_000
"""So often, and after so many deletions, are dead rows cleared away: each round would step over all of them."""
SWEEP = "VACUUM (SKIP_LOCKED, TRUNCATE OFF) machinery.outbox"
RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0)

TAKE = f"""
WITH mine AS MATERIALIZED (
    SELECT lane FROM (SELECT generate_series(0, {LANES - 1}) AS lane ORDER BY random()) AS lanes
    WHERE EXISTS (SELECT FROM machinery.outbox o WHERE o.lane = lanes.lane)
        AND pg_try_advisory_xact_lock({LOCK_SPACE}, lane)
    LIMIT {LANES_AT_ONCE}
)
DELETE FROM machinery.outbox WHERE ctid = ANY(ARRAY(
    SELECT due.ctid FROM mine CROSS JOIN LATERAL (
        SELECT o.ctid FROM machinery.outbox o WHERE o.lane = mine.lane ORDER BY o.pos LIMIT {ROWS_PER_LANE}
    ) AS due
))
RETURNING pos, aggregateid, payload, id::text, type,
    to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
    agency::text, sequence::text, parties, traceparent
"""

OPTIONS = "-c synchronous_commit=off -c idle_in_transaction_session_timeout=60s"
"""A deletion that a crash of the server undoes is a sending again, which the inbox knows. A relay whose machine has
gone holds its lanes for a minute at most."""

Row = tuple[int, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes | None, bytes | None]


class Relay:
    """Drains one service's outbox into its topic until told to stop."""

    def __init__(
        self,
        database_url: str,
        kafka: KafkaSettings,
        *,
        topic: str,
        source: str,
        send_seconds: float = SEND_SECONDS,
        sql_seconds: float = SQL_SECONDS,
    ) -> None:
        self._url, self._kafka, self._topic, self._source = database_url, kafka, topic, source.encode()
        self._send_seconds, self._round_seconds = send_seconds, send_seconds + sql_seconds
        self._wake = asyncio.Event()
        self.sent = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`; a lost database or broker is waited for."""
        failures = 0
        while not stop.is_set():
            before = self.sent
            try:
                await self._work(stop)
            except (psycopg.Error, KafkaError, TimeoutError, OSError) as error:
                failures = 0 if self.sent > before else failures + 1
                pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                log.warning("relay waits %.1f s: %s", pause, type(error).__name__)
                await _within(pause, stop.wait())

    async def _work(self, stop: asyncio.Event) -> None:
        async with (
            await _connect(self._url) as hand,
            await _connect(self._url) as other_hand,
            await _connect(self._url, autocommit=True) as broom,
            _started(self._kafka, self._send_seconds) as producer,
        ):
            count, clock = len(await producer.partitions_for(self._topic)), asyncio.get_running_loop().time
            hand.add_notify_handler(lambda _: self._wake.set())
            await hand.execute(f"LISTEN {CHANNEL}")
            await hand.commit()
            try:
                async with asyncio.TaskGroup() as tasks:
                    beside = [tasks.create_task(self._heed(stop)), tasks.create_task(self._sweep(broom))]
                    while not stop.is_set():
                        begun = clock()
                        sent = await self._round(hand, producer, count)
                        if sent >= BACKLOG:
                            async with asyncio.TaskGroup() as both:
                                for each in (hand, other_hand):
                                    both.create_task(self._drain(each, producer, count, stop))
                            continue
                        rested = begun + max(GATHER_SECONDS, 2 * (clock() - begun))
                        if sent < LANES_AT_ONCE and not (self._wake.is_set() or stop.is_set()):
                            await self._listen(hand)
                        await asyncio.sleep(rested - clock())
                    for task in beside:
                        task.cancel()
            except ExceptionGroup as group:
                raise _first(group) from None

    async def _drain(
        self,
        hand: psycopg.AsyncConnection[Any],
        producer: AIOKafkaProducer,
        count: int,
        stop: asyncio.Event,
    ) -> None:
        """Rounds, as long as there is a backlog: while one hand waits for Kafka, the other has PostgreSQL."""
        while not stop.is_set() and await self._round(hand, producer, count) >= BACKLOG:
            pass

    async def _listen(self, hand: psycopg.AsyncConnection[Any]) -> None:
        """Until PostgreSQL has something to say: a notification, or that it ends."""
        if hand.pgconn.notifies() is not None:
            return  # it came in one packet with the answer to the commit
        loop = asyncio.get_running_loop()
        loop.add_reader(hand.fileno(), self._wake.set)
        try:
            await _within(POLL_SECONDS, self._wake.wait())
        finally:
            loop.remove_reader(hand.fileno())

    async def _sweep(self, broom: psycopg.AsyncConnection[Any]) -> None:
        """Clears dead rows away, in a twentieth of the time at most."""
        clock, took = asyncio.get_running_loop().time, 0.0
        while True:
            before = self.sent
            await asyncio.sleep(max(SWEEP_SECONDS, 20 * took))
            if self.sent >= before + SWEEP_ROWS:
                begun = clock()
                await broom.execute(SWEEP)
                took = clock() - begun

    async def _heed(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _round(self, hand: psycopg.AsyncConnection[Any], producer: AIOKafkaProducer, count: int) -> int:
        """One transaction: take, send, acknowledge, forget. Returns how many events went."""
        deadline = asyncio.get_running_loop().call_later(self._round_seconds, shutdown_socket, hand)
        try:
            cursor = hand.cursor(binary=True, row_factory=tuple_row)
            await cursor.execute(TAKE, prepare=True)
            rows: list[Row] = await cursor.fetchall()
            self._wake.clear()  # what was told of so far was committed before the rows were taken
            if rows:
                rows.sort()
                with sending(self._topic, _traces(rows), len(rows)):
                    async with asyncio.timeout(self._send_seconds):
                        await self._send(producer, rows, count)
            await hand.commit()
        finally:
            deadline.cancel()
        self.sent += len(rows)
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[Row], count: int) -> None:
        by_partition: dict[int, list[Row]] = defaultdict(list)
        for row, partition in zip(rows, partitions([row[1] for row in rows], count), strict=True):
            by_partition[partition].append(row)
        acknowledged: list[Awaitable[Any]] = []
        for partition, mine in by_partition.items():
            batch = producer.create_batch()
            for row in mine:
                if not self._append(batch, row):
                    acknowledged.append(await producer.send_batch(batch, self._topic, partition=partition))
                    batch = producer.create_batch()
                    self._append(batch, row)  # a batch takes its first event, whatever its size
            acknowledged.append(await producer.send_batch(batch, self._topic, partition=partition))
        await asyncio.gather(*acknowledged)

    def _append(self, batch: BatchBuilder, row: Row) -> bool:
        _, key, value, id_, type_, time, agency, sequence, parties, traceparent = row
        said = headers(self._source, key, id_, type_, time, agency, sequence, parties, traceparent)
        return batch.append(key=key, value=value, timestamp=None, headers=said) is not None


def _first(error: BaseException) -> BaseException:
    """What went wrong first, out of its groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _traces(rows: Sequence[Row]) -> list[str]:
    return [trace.decode() for trace in {row[9] for row in rows} if trace is not None]


async def _connect(url: str, *, autocommit: bool = False) -> psycopg.AsyncConnection[Any]:
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=autocommit, application_name="relay", options=OPTIONS, **CONNECTION_PARAMETERS
    )
    connection.adapters.register_loader("text", ByteaBinaryLoader)  # Kafka takes bytes
    return connection


@contextlib.asynccontextmanager
async def _started(kafka: KafkaSettings, patience: float) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is stopped whatever comes, also where it could not start."""
    producer = kafka.producer()
    try:
        await producer.start()
        yield producer
    finally:
        await _within(patience, producer.stop())


async def _within(seconds: float, wait: Awaitable[Any]) -> None:
    """Waits for it, but no longer than `seconds`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wait, seconds)
