"""The search for personal data in everything that the platform writes: topics, files and tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from solidary.language.notices import NOTICE_TYPE
from solidary_testing.servers import kafka_admin, kafka_as_admin
from stack.run_file import Run

Words = Collection[bytes]
BYTES = re.compile(r"\\x((?:[0-9a-f]{2})+)")
"""A column of bytes in the text of a row."""


def forms(words: Iterable[str]) -> Words:
    """Return the forms of words in a text in lower case: plain, and escaped as in JSON."""
    folded = {word.lower() for word in words}
    return {word.encode() for word in folded} | {word.encode("unicode_escape").lower() for word in folded}


def contains_any(words: Words, text: bytes) -> bool:
    """Return whether a text has one of the words, whatever their case."""
    folded = text.lower()
    return any(word in folded for word in words)


def topics_of(run: Run, country: str) -> dict[str, int]:
    """Return all topics of a country with their numbers of partitions."""
    topics = kafka_admin(run).list_topics(timeout=30).topics
    return {name: len(topic.partitions) for name, topic in topics.items() if name.startswith(f"{country}.")}


async def records(run: Run, topics: dict[str, int]) -> list[Any]:
    """Return every record of some topics."""
    consumer: AIOKafkaConsumer = kafka_as_admin(run).consumer(group=None, max_records=1000)
    await consumer.start()
    found: list[Any] = []
    try:
        partitions = [
            TopicPartition(name, number) for name, count in topics.items() for number in range(count)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for fetched in (await consumer.getmany(timeout_ms=500)).values():
                found += fetched
    finally:
        await consumer.stop()
    return found


def decrypted(run: Run, found: Iterable[Any]) -> list[Any]:
    """Return records with the notices as the subscriptions read them, under the types of their events."""
    cipher, result = kafka_as_admin(run).notice_cipher, []
    for record in found:
        if type_of(record) == NOTICE_TYPE:
            notice = cipher.decrypt(record.headers, record.value)
            headers = (("ce_type", notice.notice.type.encode()),)
            record = replace(record, value=notice.model_dump_json().encode(), headers=headers)
        result.append(record)
    return result


def content(record: Any) -> bytes:
    """Return the key, the value and the headers of a record."""
    return b"\n".join([record.key or b"", record.value or b"", *(value for _, value in record.headers)])


def type_of(record: Any) -> str:
    """Return the event type of a record."""
    return dict(record.headers).get("ce_type", b"").decode()


def files_in(folder: Path) -> list[Path]:
    """Return all files of logs, traces and metrics of a state folder, with the rotated ones."""
    return [file for part in ("logs", "telemetry") for file in (folder / part).rglob("*") if file.is_file()]


def rows(run: Run, service: str, schema: str) -> Iterator[tuple[str, str]]:
    """Yield every row of every table of a schema as a pair of the table and the row's text.

    A column of bytes is part of the text as hexadecimal digits, and as the characters that its bytes are.
    """
    with psycopg.connect(run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
        ).fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f"SELECT t::text FROM {schema}.{table} t".encode()):
                yield table, row + " ".join(map(_characters, BYTES.findall(row)))


def _characters(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "replace")
