"""Nothing of the story's people is on the bus, in a log or in a trace."""

from __future__ import annotations

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from solidary.testing.servers import kafka_as_admin
from stack.services import SERVICES, topic

from tests.conftest import Told

SHORTEST = 5
"""A canary shorter than this would be found by chance."""


@pytest.fixture(scope="module")
def canaries(told: Told) -> list[bytes]:
    """What the story made up of its people, as it could stand anywhere: text, escaped JSON, URL."""
    words = {word for word in told.story.private if len(word) >= SHORTEST}
    assert len(words) >= 8, "the story says too little of what is private"
    forms = set()
    for word in words:
        forms |= {word.encode(), word.encode("unicode_escape"), word.upper().encode(), word.lower().encode()}
    return sorted(forms)


def found(canaries: list[bytes], text: bytes) -> list[bytes]:
    return [canary for canary in canaries if canary in text]


async def test_no_topic_holds_anything_of_a_person(told, canaries):
    records = 0
    consumer: AIOKafkaConsumer = kafka_as_admin(told.run).consumer(group=None, max_records=1000)
    await consumer.start()
    try:
        places = [
            TopicPartition(topic(told.run.country, service), number)
            for service in SERVICES
            for number in range(12)
        ]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                for record in fetched:
                    records += 1
                    said = b"\n".join(
                        [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
                    )
                    assert not found(canaries, said), f"{record.topic}: {record.headers}"
    finally:
        await consumer.stop()
    assert records >= 50


def test_no_log_and_no_trace_holds_anything_of_a_person(told, canaries):
    folder = told.platform.stack.folder
    files = [file for part in ("logs", "telemetry") for file in (folder / part).rglob("*") if file.is_file()]
    assert {file.name.split("-")[0] for file in files} >= {"traces", "logs"}
    for file in files:
        assert not found(canaries, file.read_bytes()), file


def test_no_feed_and_no_machinery_holds_anything_of_a_person(told, canaries):
    """Also not where the bus's copies are kept: feeds, parked events, jobs' arguments, idempotency."""
    for name in SERVICES:
        with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'machinery'"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(f"SELECT t::text FROM machinery.{table} t".encode()).fetchall()
                text = "\n".join(row for (row,) in rows).encode()
                assert not found(canaries, text), f"{name}: machinery.{table}"


def test_outside_intake_no_database_holds_a_persons_identity(told, canaries):
    for name in SERVICES:
        with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'data'"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(f"SELECT t::text FROM data.{table} t".encode()).fetchall()
                text = "\n".join(row for (row,) in rows).encode()
                assert not found(canaries, text), f"{name}: data.{table}"


def test_the_scanner_would_find_one(told, canaries):
    assert found(canaries, b'{"note": "' + canaries[0] + b'"}') == [canaries[0]]
