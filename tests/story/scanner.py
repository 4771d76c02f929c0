"""Looks for what is private wherever the platform writes: topics, files, tables. Says where it found it, never what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka.admin import AdminClient
from solidary_testing.servers import kafka_as_admin
from stack.run_file import Run

Words = Collection[bytes]


def forms(words: Iterable[str]) -> Words:
    """How words could stand in a text whose case is folded: plain, and escaped as in JSON."""
    folded = {word.lower() for word in words}
    return {word.encode() for word in folded} | {word.encode("unicode_escape").lower() for word in folded}


def holds(words: Words, text: bytes) -> bool:
    folded = text.lower()
    return any(word in folded for word in words)


def topics_of(run: Run, country: str) -> dict[str, int]:
    """Every topic of a country, whoever made it, and its partitions."""
    admin = AdminClient(
        {
            "bootstrap.servers": run.kafka.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": run.kafka.admin.username,
            "sasl.password": run.kafka.admin.password,
        }
    )
    there = admin.list_topics(timeout=30).topics
    return {name: len(topic.partitions) for name, topic in there.items() if name.startswith(f"{country}.")}


async def records(run: Run, topics: dict[str, int]) -> list[Any]:
    """Every record of these topics, from the first to the last."""
    consumer: AIOKafkaConsumer = kafka_as_admin(run).consumer(group=None, max_records=1000)
    await consumer.start()
    found: list[Any] = []
    try:
        places = [TopicPartition(name, number) for name, many in topics.items() for number in range(many)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                found += fetched
    finally:
        await consumer.stop()
    return found


def said_in(record: Any) -> bytes:
    return b"\n".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)])


def type_of(record: Any) -> str:
    return dict(record.headers).get("ce_type", b"").decode()


def files_in(folder: Path) -> list[Path]:
    """Every log and every file of traces, metrics and logs of a state folder, rotated ones too."""
    return [file for part in ("logs", "telemetry") for file in (folder / part).rglob("*") if file.is_file()]


def rows(run: Run, service: str, schema: str) -> Iterator[tuple[str, str]]:
    """Every row of every table of a schema, as (table, text)."""
    with psycopg.connect(run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f"SELECT t::text FROM {schema}.{table} t".encode()):
                yield table, row
