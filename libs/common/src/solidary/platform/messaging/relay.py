"""The relay: sends the outbox's events to Kafka and deletes those that Kafka has acknowledged.

The outbox is divided into lanes by a hash of the aggregate's id. A relay takes lanes by advisory lock, so that
several relays can run at once while each aggregate's events are still sent in order. Deletion and acknowledgement are
one transaction: a relay that dies has deleted nothing, and its events are sent again, which the inbox detects.
docs/extending/relay.md has the measurements on which the batches and intervals are based.
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
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.connection import CONNECTION_PARAMETERS, shutdown_socket
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.notices import KafkaRecord, NoticeCipher
from solidary.platform.messaging.partitioner import partitions
from solidary.platform.telemetry import send_span

log = logging.getLogger(__name__)

CHANNEL = "outbox"
"""The channel of the NOTIFY that each writing transaction sends."""
LANES = 16
LANES_PER_ROUND = 8
"""The lanes that one relay takes in a round of a few events: half, so that a second relay finds work."""
ROWS_PER_LANE = 300
CONNECTIONS = 4
"""The rounds that one relay makes at once in a backlog: while some use PostgreSQL, others wait for Kafka."""
LANES_PER_BACKLOG_ROUND, ROWS_PER_BACKLOG_LANE = LANES // CONNECTIONS, 600
"""2,400 events in each of these rounds: more take more memory."""
ROUND_SECONDS = 0.005
"""The shortest interval between the starts of two rounds of a few events: a round costs as much for one event as for
ten. Where a round takes longer than half of this, the relay pauses for as long as it worked: a busy machine has fewer
and fuller rounds."""
BACKLOG_ROWS = 500
"""A round of this size means that more events wait behind it."""
LOCK_SPACE = 0x50A
POLL_SECONDS = 1.0
"""The relay is woken by NOTIFY; polling covers a lost notification."""
SEND_SECONDS = 20.0
"""The time in which Kafka must acknowledge a round: an idempotent producer by itself never gives a batch up."""
SQL_SECONDS = 10.0
"""The time in which PostgreSQL must answer in a round."""
VACUUM_SECONDS, VACUUM_ROWS = 5.0, 1_000
"""The interval, and the number of deletions, after which dead rows are vacuumed: each round has to skip them all."""
VACUUM = "VACUUM (SKIP_LOCKED, TRUNCATE OFF) machinery.outbox"
RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0)


def take_events(lanes: int, rows_per_lane: int) -> str:
    """Return the statement that takes the oldest events of some lanes that no other round holds."""
    return f"""
    WITH taken AS MATERIALIZED (
        SELECT lane FROM (SELECT generate_series(0, {LANES - 1}) AS lane ORDER BY random()) AS lanes
        WHERE EXISTS (SELECT FROM machinery.outbox o WHERE o.lane = lanes.lane)
            AND pg_try_advisory_xact_lock({LOCK_SPACE}, lane)
        LIMIT {lanes}
    )
    DELETE FROM machinery.outbox WHERE ctid = ANY(ARRAY(
        SELECT due.ctid FROM taken CROSS JOIN LATERAL (
            SELECT o.ctid FROM machinery.outbox o WHERE o.lane = taken.lane ORDER BY o.position LIMIT {rows_per_lane}
        ) AS due
    ))
    RETURNING position, aggregateid, payload, id::text, type,
        to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        agency::text, sequence::text, traceparent, aggregatetype
    """


TAKE_EVENTS = take_events(LANES_PER_ROUND, ROWS_PER_LANE)
TAKE_BACKLOG = take_events(LANES_PER_BACKLOG_ROUND, ROWS_PER_BACKLOG_LANE)

OPTIONS = "-c synchronous_commit=off -c idle_in_transaction_session_timeout=60s"
"""A deletion that is lost in a crash of the server only means that the event is sent again. The lanes of a relay whose
machine is gone are free after a minute."""

Row = tuple[int, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes | None, bytes]
Connection = psycopg.AsyncConnection[Any]
NOTICE = NOTICE_TYPE.encode()


class Relay:
    """Sends one service's outbox to its topics, one for each audience, until it is stopped."""

    def __init__(
        self,
        database_url: str,
        kafka: KafkaSettings,
        *,
        country: str,
        service: str,
        send_seconds: float = SEND_SECONDS,
        sql_seconds: float = SQL_SECONDS,
    ) -> None:
        self._url, self._kafka, self._country, self._name = (
            database_url,
            kafka,
            country,
            f"{country}.{service}",
        )
        self._source = f"/{country}/{service}".encode()
        self._send_seconds, self._round_seconds = send_seconds, send_seconds + sql_seconds
        self._notices: NoticeCipher | None = None
        self._wake = asyncio.Event()
        self.sent = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, waiting where the database or the broker is lost."""
        failures = 0
        while not stop.is_set():
            before = self.sent
            try:
                await self._work(stop)
            except (psycopg.Error, KafkaError, TimeoutError, OSError) as error:
                failures = 0 if self.sent > before else failures + 1
                pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                log.warning("the relay retries in %.1f s after %s", pause, type(error).__name__)
                await _within(pause, stop.wait())

    async def _work(self, stop: asyncio.Event) -> None:
        async with (
            await _connect(self._url) as connection,
            _started(self._kafka, self._send_seconds) as producer,
        ):
            clock = asyncio.get_running_loop().time
            connection.add_notify_handler(lambda _: self._wake.set())
            await connection.execute(f"LISTEN {CHANNEL}")
            await connection.commit()
            try:
                async with asyncio.TaskGroup() as tasks:
                    background = [
                        tasks.create_task(self._wake_on(stop)),
                        tasks.create_task(self._vacuum()),
                    ]
                    while not stop.is_set():
                        started = clock()
                        sent = await self._round(connection, producer)
                        if sent >= BACKLOG_ROWS:
                            await self._drain(connection, producer, stop)
                            continue
                        next_round = started + max(ROUND_SECONDS, 2 * (clock() - started))
                        if sent < LANES_PER_ROUND and not (self._wake.is_set() or stop.is_set()):
                            await self._listen(connection)
                        await asyncio.sleep(next_round - clock())
                    for task in background:
                        task.cancel()
            except ExceptionGroup as group:
                raise _first(group) from None

    async def _drain(self, connection: Connection, producer: AIOKafkaProducer, stop: asyncio.Event) -> None:
        """Make several rounds at once while there is a backlog, on connections that are closed after it."""
        async with contextlib.AsyncExitStack() as opened, asyncio.TaskGroup() as rounds:
            rounds.create_task(self._repeat_rounds(connection, producer, stop))
            for _ in range(CONNECTIONS - 1):
                another = await opened.enter_async_context(await _connect(self._url))
                rounds.create_task(self._repeat_rounds(another, producer, stop))

    async def _repeat_rounds(
        self, connection: Connection, producer: AIOKafkaProducer, stop: asyncio.Event
    ) -> None:
        while not stop.is_set() and await self._round(connection, producer, TAKE_BACKLOG) >= BACKLOG_ROWS:
            pass

    async def _listen(self, connection: Connection) -> None:
        """Wait until the connection can be read: for a notification, or because it was closed."""
        if connection.pgconn.notifies() is not None:
            return  # it arrived in one packet with the answer to the commit
        loop = asyncio.get_running_loop()
        loop.add_reader(connection.fileno(), self._wake.set)
        try:
            await _within(POLL_SECONDS, self._wake.wait())
        finally:
            loop.remove_reader(connection.fileno())

    async def _vacuum(self) -> None:
        """Vacuum the outbox repeatedly, in at most a twentieth of the time."""
        clock, duration = asyncio.get_running_loop().time, 0.0
        while True:
            before = self.sent
            await asyncio.sleep(max(VACUUM_SECONDS, 20 * duration))
            if self.sent >= before + VACUUM_ROWS:
                started = clock()
                async with await _connect(self._url, autocommit=True) as connection:
                    await connection.execute(VACUUM)
                duration = clock() - started

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _round(
        self, connection: Connection, producer: AIOKafkaProducer, take: str = TAKE_EVENTS
    ) -> int:
        """Take events, send them and commit their deletion, in one transaction; return the number of events."""
        deadline = asyncio.get_running_loop().call_later(self._round_seconds, shutdown_socket, connection)
        try:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            await cursor.execute(take, prepare=True)
            rows: list[Row] = await cursor.fetchall()
            self._wake.clear()  # notifications so far are of transactions that committed before the rows were taken
            if rows:
                rows.sort()
                with send_span(self._name, _traces(rows), len(rows)):
                    async with asyncio.timeout(self._send_seconds):
                        await self._send(producer, rows)
            await connection.commit()
        finally:
            deadline.cancel()
        self.sent += len(rows)
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[Row]) -> None:
        by_stream: dict[bytes, list[Row]] = defaultdict(list)
        for row in rows:
            by_stream[row[9]].append(row)
        acknowledgements: list[Awaitable[Any]] = []
        for stream, stream_rows in by_stream.items():
            topic = f"{self._country}.{stream.decode()}"
            records = [self._record(row) for row in stream_rows]
            acknowledgements += await self._send_to(producer, topic, records)
        await asyncio.gather(*acknowledgements)

    async def _send_to(
        self, producer: AIOKafkaProducer, topic: str, records: Sequence[KafkaRecord]
    ) -> list[Awaitable[Any]]:
        count = len(await producer.partitions_for(topic))
        by_partition: dict[int, list[KafkaRecord]] = defaultdict(list)
        for record, partition in zip(records, partitions([key for key, *_ in records], count), strict=True):
            by_partition[partition].append(record)
        acknowledgements: list[Awaitable[Any]] = []
        for partition, partition_records in by_partition.items():
            batch = producer.create_batch()
            for record in partition_records:
                if not _append(batch, record):
                    acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    _append(batch, record)  # a batch takes its first event, whatever its size
            acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
        return acknowledgements

    def _record(self, row: Row) -> KafkaRecord:
        """Return the record of a row; a notice is encrypted."""
        _, key, value, id_, type_, time, agency, sequence, traceparent, _ = row
        if type_ == NOTICE:
            cipher = self._notices = self._notices or self._kafka.notice_cipher
            return cipher.encrypt(self._source, key, id_, time, agency, sequence, traceparent, value)
        return key, value, headers(self._source, key, id_, type_, time, agency, sequence, traceparent)


def _append(batch: BatchBuilder, record: KafkaRecord) -> bool:
    key, value, record_headers = record
    return batch.append(key=key, value=value, timestamp=None, headers=record_headers) is not None


def _first(error: BaseException) -> BaseException:
    """Return the first error of nested groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _traces(rows: Sequence[Row]) -> list[str]:
    return [trace.decode() for trace in {row[8] for row in rows} if trace is not None]


async def _connect(url: str, *, autocommit: bool = False) -> Connection:
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=autocommit, application_name="relay", options=OPTIONS, **CONNECTION_PARAMETERS
    )
    connection.adapters.register_loader("text", ByteaBinaryLoader)  # Kafka takes bytes
    return connection


@contextlib.asynccontextmanager
async def _started(kafka: KafkaSettings, stop_seconds: float) -> AsyncIterator[AIOKafkaProducer]:
    """Provide a producer that is stopped in any case, also where it could not start."""
    producer = kafka.producer()
    try:
        await producer.start()
        yield producer
    finally:
        await _within(stop_seconds, producer.stop())


async def _within(seconds: float, awaited: Awaitable[Any]) -> None:
    """Await something for at most some seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(awaited, seconds)
