"""Bytes on disk of a person, of an event on its way, and of an entry on a timeline.

They do not depend on the speed of the machine. Each figure is what the tables, with their indexes, have grown by; the
peer is the content of the rows alone, as PostgreSQL stores it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import psycopg
from intake.desk.seeding.commands import seed
from intake.registry.encryption.dependencies import instance_key_of
from intake.service import service as intake
from solidary.language.notices import NOTICE_TYPE
from solidary.platform.database import Database
from solidary.platform.messaging.consumer import PROJECTION_BATCH, Consumer
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.relay import Relay
from solidary_testing import eventually
from solidary_testing.servers import (
    TestDatabase,
    kafka_as_admin,
    settings_for,
    throwaway_database,
    throwaway_topics,
)
from solidary_testing.tokens import Tokens
from stack.checkout import state_folder
from stack.run_file import Run
from subscriptions.service import service as subscriptions

from benchmarks import BenchmarkResult, Claim, timeline
from benchmarks._servers import servers
from benchmarks.subscriptions import AGENCIES, notices, payload_of

PEOPLE, EVENTS, PAYMENTS = 10_000, 10_000, 10_000
BOUNDS = {"a person": 9_700, "an event in the feed of an agency": 650, "an event in a topic": 900}
"""The most bytes of each: a third more than measured on 30 November 2026."""
SIZES = """
SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid) - pg_indexes_size(c.oid), pg_indexes_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('data', 'keys', 'machinery')
"""


def measure() -> BenchmarkResult:
    """Measure the growth of each kind."""
    with servers() as run:
        rows = [
            asyncio.run(_people(run)),
            asyncio.run(_timeline(run)),
            *asyncio.run(_feeds(run)),
            asyncio.run(_topic(run)),
        ]
    found = {str(row["one more"]): float(str(row["bytes"])) for row in rows}
    claims = [Claim(f"bytes of {name}", found[name], bound, at_least=False) for name, bound in BOUNDS.items()]
    notes = (
        "Of a person: rows, keys, search tokens, the entry in the access log and on the timeline. Rows that are "
        "changed leave dead versions, which autovacuum lets be used again: count half as much again."
    )
    return BenchmarkResult(rows, claims, notes)


def _row(
    name: str, count: int, before: Mapping[str, tuple[int, int]], place: TestDatabase
) -> dict[str, object]:
    """Return what the tables have grown by, for each of `count`."""
    grown = {
        table: (rows - before.get(table, (0, 0))[0], indexes - before.get(table, (0, 0))[1])
        for table, (rows, indexes) in _sizes(place).items()
    }
    largest = max(grown, key=lambda table: sum(grown[table]))
    return {
        "one more": name,
        "bytes": round(sum(map(sum, grown.values())) / count),
        "of these indexes": round(sum(indexes for _, indexes in grown.values()) / count),
        "largest table": largest,
        "content of its row": round(_content(place, largest)),
    }


def _sizes(place: TestDatabase) -> dict[str, tuple[int, int]]:
    with psycopg.connect(place.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
        return {table: (rows, indexes) for table, rows, indexes in admin.execute(SIZES)}


def _content(place: TestDatabase, table: str) -> float:
    with psycopg.connect(place.admin) as admin:
        row = admin.execute(f"SELECT avg(pg_column_size(t.*)) FROM {table} t").fetchone()
    assert row is not None
    return float(row[0])


async def _people(run: Run) -> dict[str, object]:
    with throwaway_database(run, "intake", intake.folder / "migrations") as place:
        before = _sizes(place)
        settings = settings_for(run, place, "intake")
        database = Database(place.roles["app"], service="intake", country="pa")
        await seed(database, instance_key_of(settings), Tokens(run).agency("unhcr"), PEOPLE)
        await database.close()
        return _row("a person", PEOPLE, before, place)


async def _timeline(run: Run) -> dict[str, object]:
    with throwaway_database(run, "intake", intake.folder / "migrations") as place:
        payments = timeline.fill(place, PAYMENTS)
        before = _sizes(place)
        database = Database(place.roles["app"], service="intake", country="pa")
        await timeline.consume(database, payments)
        await database.close()
        return _row("a payment on the timelines of a household of two", PAYMENTS, before, place)


async def _feeds(run: Run) -> list[dict[str, object]]:
    kafka = kafka_as_admin(run)
    with throwaway_database(run, "subscriptions", subscriptions.folder / "migrations") as place:
        before = _sizes(place)
        database = Database(place.roles["app"], service="subscriptions", country="pa")
        (subscriber,) = subscriptions.subscribers
        consumer = Consumer(subscriber, database, kafka, principal=subscriptions.principal, topics=[])
        records = list(notices(kafka, EVENTS))
        for at in range(0, EVENTS, PROJECTION_BATCH):
            await consumer.handle_batch(records[at : at + PROJECTION_BATCH])
        await database.close()
        return [_row("an event in the feed of an agency", 2 * EVENTS, before, place)]


async def _topic(run: Run) -> dict[str, object]:
    """Return the growth of the files of a topic; the row in the outbox is gone once it is sent."""
    kafka: KafkaSettings = kafka_as_admin(run)
    folder = state_folder() / "bench" / "kafka" / "log"
    with (
        throwaway_database(run, "market", None) as publisher,
        throwaway_topics(run, "market.counts") as country,
    ):
        with psycopg.connect(publisher.admin) as admin:
            statement = """INSERT INTO machinery.outbox
                (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
                VALUES (%s, 'market.parties', %s, %s, %s, %s, 1, now())"""
            values = [
                (uuid4(), str(uuid4()), NOTICE_TYPE, payload_of(*AGENCIES[:2]), AGENCIES[0])
                for _ in range(EVENTS)
            ]
            admin.cursor().executemany(statement, values)
        stop = asyncio.Event()
        relay = Relay(publisher.roles["relay"], kafka, country=country, service="market")

        async def sent() -> bool:
            with psycopg.connect(publisher.admin) as admin:
                return admin.execute("SELECT FROM machinery.outbox LIMIT 1").fetchone() is None

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run(stop))
            await eventually(sent, what="every event sent")
            stop.set()
        size = sum(file.stat().st_size for file in _segments(folder, country))
    return {
        "one more": "an event in a topic",
        "bytes": round(size / EVENTS),
        "of these indexes": 0,
        "largest table": "",
        "content of its row": len(payload_of(*AGENCIES[:2])),
    }


def _segments(folder: Path, country: str) -> list[Path]:
    """Return the segments of a country's topics; their indexes are files with holes."""
    return list(folder.glob(f"{country}.*/*.log"))
