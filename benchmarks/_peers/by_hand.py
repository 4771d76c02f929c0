"""`python -m benchmarks._peers.by_hand FILE`: a consumer written by hand, for the events of Debezium Server.

It uses only aiokafka and psycopg on uvloop. A fetched batch is one transaction, with an inbox and the same projection,
but without agency scope and parked keys. It appends a line `event-id time` to FILE, as our own consumer does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks._servers import Processes, Target

COMMIT_SECONDS = 0.25
TABLES = (
    "CREATE TABLE inbox (id uuid PRIMARY KEY); CREATE TABLE by_hand (root uuid PRIMARY KEY, events bigint)"
)
INSERT_INBOX = "INSERT INTO inbox SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING id::text"
COUNT_EVENTS = """
INSERT INTO by_hand AS t SELECT * FROM unnest(%s::uuid[], %s::bigint[])
ON CONFLICT (root) DO UPDATE SET events = t.events + excluded.events
"""


def start(target: Target, processes: Processes, times: Path) -> None:
    """Create the tables and start the consumer."""
    with psycopg.connect(target.database.admin) as connection:
        connection.execute(TABLES)
    processes.start([sys.executable, "-m", "benchmarks._peers.by_hand", str(times)], target.access)


async def _handle(times: Path) -> None:
    consumer = AIOKafkaConsumer(
        os.environ["TOPIC"],
        bootstrap_servers=os.environ["BOOTSTRAP"],
        group_id="by-hand",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_plain_username=os.environ["KAFKA_USER"],
        sasl_plain_password=os.environ["KAFKA_PASSWORD"],
    )
    await consumer.start()
    committed = time.monotonic()
    with times.open("a") as lines:
        async with await psycopg.AsyncConnection.connect(os.environ["URL"]) as connection:
            while True:
                fetched = await consumer.getmany(timeout_ms=250, max_records=2_000)
                records = [record for records in fetched.values() for record in records]
                if not records:
                    continue
                ids = [json.loads(dict(record.headers)["id"]) for record in records]
                cursor = await connection.execute(INSERT_INBOX, [ids])
                new_ids = {id_ for (id_,) in await cursor.fetchall()}
                counted = Counter(
                    record.key.decode() for record, id_ in zip(records, ids, strict=True) if id_ in new_ids
                )
                await connection.execute(COUNT_EVENTS, [list(counted), list(counted.values())])
                await connection.commit()
                now = time.time()
                lines.writelines(f"{id_} {now}\n" for id_ in ids)
                lines.flush()
                if time.monotonic() > committed + COMMIT_SECONDS:
                    await consumer.commit()
                    committed = time.monotonic()


if __name__ == "__main__":
    uvloop.run(_handle(Path(sys.argv[1])))
