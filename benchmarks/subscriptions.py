"""Events into the feeds of 20 agencies, and from a commit to a webhook.

The first part gives the consumer of the subscriptions encrypted notices in batches, as it fetches them; Kafka is left
out. The peer writes the same rows by bare SQL: no inbox, no decryption, no policies. In the second part another service
commits 1,000 events a second, which go through the relay, Kafka and the consumer into the feeds of 20 agencies; the
peer writes the same rows at the same rate by bare SQL. In the third part transactions commit 100 events a second, which
go on to a receiver on this machine. The peer is a loop that sends the same bodies with bare httpx, without a queue.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from statistics import quantiles
from uuid import UUID, uuid4

import httpx
import psycopg
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.database import Database
from solidary.platform.messaging.consumer import PROJECTION_BATCH, Consumer
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.record import Record
from solidary.platform.messaging.relay import Relay
from solidary_testing import eventually
from solidary_testing.servers import (
    TestDatabase,
    kafka_as_admin,
    throwaway_database,
    throwaway_topics,
)
from stack.run_file import Run
from subscriptions.engines.addresses.networks import read_networks
from subscriptions.service import service
from subscriptions.webhooks.deliveries.sending import Sender
from subscriptions.webhooks.deliveries.worker import Deliverer
from subscriptions.webhooks.endpoints.encryption import SecretCipher
from subscriptions.webhooks.policy import Policy

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import servers
from benchmarks._service import growth

SIZES = (2_000, 10_000, 50_000)
AGENCIES = [UUID(int=number) for number in range(1, 21)]
RATE, MAX_RATIO, MAX_EXPONENT = 1_000, 15, 1.1
FEED_SECONDS, PER_TRANSACTION, MAX_FEED_P95 = 20, 50, 2.0
PER_SECOND, SECONDS = 100, 20
MAX_P95 = 1.0
TYPE = "org.solidary.market.sample.created.v1"
WEBHOOK_KEYS = "a secret of this benchmark alone, long enough"
BARE = """
INSERT INTO bare.event (agency, position, id, source, type, subject, owner, sequence, time, payload)
SELECT a, n + %(start)s, gen_random_uuid(), '/pa/market', %(type)s, n::text, a, 1, now(), %(payload)s
FROM generate_series(1, %(count)s) n, unnest(%(agencies)s::uuid[]) a WHERE n %% 10 = 0
"""

P95 = (
    "SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM received - time)) FROM data.event"
)


def measure() -> BenchmarkResult:
    """Measure all parts."""
    with servers() as run:
        rows: list[dict[str, object]] = []
        seconds: dict[int, float] = {}
        for size in SIZES:
            ours, bare = asyncio.run(_feeds(run, size))
            seconds[size] = ours
            rows.append(
                {
                    "measured": f"{size} events, each in the feeds of two of 20 agencies",
                    "ours": round(size / ours),
                    "bare": round(size / bare),
                    "unit": "events/s",
                }
            )
        feed, bare_feed = asyncio.run(_steady(run))
        delays, bare_delays = asyncio.run(_webhook(run))
    rows.append(
        {
            "measured": f"commit to feed, 95th percentile at {RATE}/s for {FEED_SECONDS} s",
            "ours": feed,
            "bare": bare_feed,
            "unit": "s",
        }
    )
    percentiles = quantiles(delays, n=20)[-1], quantiles(bare_delays, n=20)[-1]
    rows.append(
        {
            "measured": f"commit to webhook, 95th percentile at {PER_SECOND}/s",
            "ours": percentiles[0],
            "bare": percentiles[1],
            "unit": "s",
        }
    )
    claims = [
        Claim("events per second into feeds", SIZES[-1] / ours, RATE),
        Claim("ours / bare SQL, time for the same rows", ours / bare, MAX_RATIO, at_least=False),
        Claim("exponent of growth", growth(seconds), MAX_EXPONENT, at_least=False),
        Claim("seconds from commit to feed, 95th percentile", feed, MAX_FEED_P95, at_least=False),
        Claim("seconds from commit to webhook, 95th percentile", percentiles[0], MAX_P95, at_least=False),
    ]
    return BenchmarkResult(rows, claims)


async def _feeds(run: Run, size: int) -> tuple[float, float]:
    kafka = kafka_as_admin(run)
    with throwaway_database(run, "subscriptions", service.folder / "migrations") as place:
        database = Database(place.roles["app"], service="subscriptions", country="pa")
        (subscriber,) = service.subscribers
        consumer = Consumer(subscriber, database, kafka, principal=service.principal, topics=[])
        records = list(notices(kafka, size))
        start = time.perf_counter()
        for at in range(0, size, PROJECTION_BATCH):
            await consumer.handle_batch(records[at : at + PROJECTION_BATCH])
        ours = time.perf_counter() - start
        await database.close()
        return ours, _bare_feeds(place, size)


def notices(kafka: KafkaSettings, size: int) -> Iterator[Record]:
    """Yield encrypted notices, each of an event that concerns two of the agencies."""
    for number in range(size):
        payload = payload_of(AGENCIES[number % 20], AGENCIES[(number + 1) % 20])
        key, value, headers = kafka.notice_cipher.encrypt(
            b"/pa/market",
            str(uuid4()).encode(),
            str(uuid4()).encode(),
            datetime.now(UTC).isoformat().encode(),
            str(AGENCIES[number % 20]).encode(),
            b"1",
            None,
            payload.encode(),
        )
        yield Record(key.decode(), dict(headers)["ce_id"].decode(), tuple(headers), value)


def _bare_feeds(place: TestDatabase, size: int) -> float:
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA bare")
        admin.execute("CREATE TABLE bare.event (LIKE data.event INCLUDING DEFAULTS INCLUDING INDEXES)")
        payload = json.dumps({"sample_id": str(uuid4())})
        values = {"type": TYPE, "payload": payload, "agencies": AGENCIES, "count": PROJECTION_BATCH}
        start = time.perf_counter()
        for at in range(0, size, PROJECTION_BATCH):
            admin.execute(BARE, {**values, "start": at})
        return time.perf_counter() - start


def payload_of(*agencies: UUID) -> str:
    """Return the content of a notice of an event that concerns these agencies."""
    return json.dumps(
        {"type": TYPE, "agencies": [str(each) for each in agencies], "data": {"sample_id": str(uuid4())}}
    )


async def _steady(run: Run) -> tuple[float, float]:
    """Return the 95th percentiles of the seconds from a commit to the commit in the feeds, ours and bare."""
    with (
        throwaway_database(run, "subscriptions", service.folder / "migrations") as place,
        throwaway_database(run, "market", None) as publisher,
        throwaway_topics(run, "market.counts") as country,
    ):
        async with (
            _path(run, place, publisher, country),
            await psycopg.AsyncConnection.connect(publisher.admin, autocommit=True) as writer,
            await psycopg.AsyncConnection.connect(place.admin, autocommit=True) as reader,
        ):
            events = RATE * FEED_SECONDS
            await _in_transactions(events, lambda numbers: _publish_many(writer, numbers))

            async def all_arrived() -> bool:
                found = await reader.execute("SELECT count(*) FROM data.event")
                return await found.fetchone() == (2 * events,)

            await eventually(all_arrived, within=300, what="every event in two feeds")
            # Both times are of this PostgreSQL: the beginning of the transaction that published, and of the one that
            # appended; the transaction of a batch takes some 0.1 s more.
            found = await reader.execute(P95)
            (ours,) = await found.fetchone() or (0.0,)
            await reader.execute("CREATE SCHEMA bare")
            await reader.execute(
                "CREATE TABLE bare.event (LIKE data.event INCLUDING DEFAULTS INCLUDING INDEXES)"
            )
            took: list[float] = []

            async def write(numbers: range) -> None:
                begin = time.perf_counter()
                values = {"type": TYPE, "payload": payload_of(), "agencies": AGENCIES}
                await reader.execute(BARE, {**values, "count": len(numbers), "start": numbers.start})
                took.append(time.perf_counter() - begin)

            await _in_transactions(events, write)
    return float(ours), quantiles(took, n=20)[-1]


async def _in_transactions(events: int, act: Callable[[range], Awaitable[None]]) -> None:
    """Act on PER_TRANSACTION events at once, at RATE events a second."""
    start = time.perf_counter()
    for first in range(0, events, PER_TRANSACTION):
        await asyncio.sleep(start + first / RATE - time.perf_counter())
        await act(range(first, first + PER_TRANSACTION))


async def _publish_many(connection: psycopg.AsyncConnection[tuple[object, ...]], numbers: range) -> None:
    pairs = [(AGENCIES[number % 20], AGENCIES[(number + 1) % 20]) for number in numbers]
    await connection.execute(
        """WITH added AS (INSERT INTO machinery.outbox
            (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
            SELECT gen_random_uuid(), 'market.parties', gen_random_uuid()::text, %s, payload, agency, 1, now()
            FROM unnest(%s::text[], %s::uuid[]) AS event (payload, agency))
        SELECT pg_notify('outbox', '')""",
        [NOTICE_TYPE, [payload_of(*pair) for pair in pairs], [first for first, _ in pairs]],
    )


async def _webhook(run: Run) -> tuple[list[float], list[float]]:
    arrived: dict[str, float] = {}
    with (
        throwaway_database(run, "subscriptions", service.folder / "migrations") as place,
        throwaway_database(run, "market", None) as publisher,
        throwaway_topics(run, "market.counts") as country,
    ):
        async with AsyncExitStack() as opened:
            url = await opened.enter_async_context(_receiver(arrived))
            _create_webhook(place, url)
            await opened.enter_async_context(_path(run, place, publisher, country))
            connection = await opened.enter_async_context(
                await psycopg.AsyncConnection.connect(publisher.admin, autocommit=True)
            )
            committed = await _at_rate(lambda id_: _publish(connection, id_))

            async def all_arrived() -> bool:
                return len(arrived) >= len(committed)

            await eventually(all_arrived, what="every event at the receiver")
            delays = [arrived[id_] - moment for id_, moment in committed.items()]
            arrived.clear()
            bare = await opened.enter_async_context(httpx.AsyncClient())

            async def send(id_: str) -> None:
                await bare.post(url, json={"id": id_}, headers={"webhook-id": id_})

            sent = await _at_rate(send, before=True)
            return delays, [arrived[id_] - moment for id_, moment in sent.items()]


async def _at_rate(act: Callable[[str], Awaitable[None]], *, before: bool = False) -> dict[str, float]:
    """Act so often a second; return for each id the moment after the act, or before it."""
    moments: dict[str, float] = {}
    start = time.perf_counter()
    for number in range(PER_SECOND * SECONDS):
        await asyncio.sleep(start + number / PER_SECOND - time.perf_counter())
        id_ = str(uuid4())
        begin = time.perf_counter()
        await act(id_)
        moments[id_] = begin if before else time.perf_counter()
    return moments


async def _publish(connection: psycopg.AsyncConnection[tuple[object, ...]], id_: str) -> None:
    await connection.execute(
        """WITH added AS (INSERT INTO machinery.outbox
            (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
            VALUES (%s, 'market.parties', %s, %s, %s, %s, 1, now()))
        SELECT pg_notify('outbox', '')""",
        [id_, str(uuid4()), NOTICE_TYPE, payload_of(AGENCIES[0]), AGENCIES[0]],
    )


def _create_webhook(place: TestDatabase, url: str) -> None:
    webhook = uuid4()
    secret = SecretCipher([WEBHOOK_KEYS]).encrypt(webhook, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    with psycopg.connect(place.admin) as admin:
        admin.execute(
            "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)",
            [str(AGENCIES[0])] * 2,
        )
        admin.execute(
            "INSERT INTO data.webhook (id, root, url, state, secret) VALUES (%s, %s, %s, 'active', %s)",
            [webhook, webhook, url, secret],
        )


@asynccontextmanager
async def _path(run: Run, place: TestDatabase, publisher: TestDatabase, country: str) -> AsyncIterator[None]:
    """Run the relay, the consumer and the worker of webhooks."""
    kafka, stop = kafka_as_admin(run), asyncio.Event()
    database = Database(place.roles["app"], service="subscriptions", country=country)
    (subscriber,) = service.subscribers
    topics = [f"{country}.market.parties"]
    sender = Sender(Policy(read_networks("127.0.0.0/8"), plain_http=True))
    parts = [
        Relay(publisher.roles["relay"], kafka, country=country, service="market"),
        Consumer(subscriber, database, kafka, principal=service.principal, topics=topics),
        Deliverer(database, place.roles["app"], sender, SecretCipher([WEBHOOK_KEYS])),
    ]
    try:
        async with asyncio.TaskGroup() as tasks:
            for part in parts:
                tasks.create_task(part.run(stop))
            try:
                yield
            finally:
                stop.set()
    finally:
        await sender.close()
        await database.close()


@asynccontextmanager
async def _receiver(arrived: dict[str, float]) -> AsyncIterator[str]:
    """Serve a receiver that notes when each event came, and yield its URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(
                    line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line
                )
                await reader.readexactly(int(headers["content-length"]))
                arrived.setdefault(headers["webhook-id"], time.perf_counter())
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
