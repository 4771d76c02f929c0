"""`python -m benchmarks._peers.faststream`: faststream-outbox, which relays its table into a topic.

With one worker it preserves the order of each key. With several workers it is faster and does not preserve the order.
"""

from __future__ import annotations

import asyncio
import os
import sys

import psycopg
from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaResponse
from faststream.security import SASLScram256
from faststream_outbox import OutboxBroker, make_outbox_table
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks._servers import FILL, Processes, Target

QUEUE = "samples"
COPY = f"""
INSERT INTO relayed (queue, payload, headers, next_attempt_at)
SELECT '{QUEUE}', convert_to(payload, 'UTF8'), '{{"content-type": "application/json"}}', now()
FROM machinery.outbox ORDER BY position
"""


def start(target: Target, processes: Processes, workers: int) -> None:
    """Create the table and start the relay."""
    asyncio.run(_make_table(target.database.admin))
    environment = {**target.access, "WORKERS": str(workers)}
    processes.start([sys.executable, "-m", "benchmarks._peers.faststream"], environment)


def fill(target: Target, start: int, count: int) -> None:
    """Write the same events into the relay's own table."""
    with psycopg.connect(target.database.admin) as connection:
        connection.execute(FILL, {"from": start, "to": start + count})
        connection.execute(COPY)
        connection.execute("TRUNCATE machinery.outbox")


async def _make_table(url: str) -> None:
    metadata = MetaData()
    make_outbox_table(metadata, table_name="relayed")
    engine = create_async_engine(_driver(url))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


def _driver(url: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return "postgresql+psycopg://{user}:{password}@{host}:{port}/{dbname}".format(**parts)


def _application() -> FastStream:
    engine = create_async_engine(_driver(os.environ["URL"]), pool_size=20)
    outbox = OutboxBroker(engine, outbox_table=make_outbox_table(MetaData(), table_name="relayed"))
    kafka = KafkaBroker(
        os.environ["BOOTSTRAP"],
        security=SASLScram256(os.environ["KAFKA_USER"], os.environ["KAFKA_PASSWORD"]),
        acks="all",
        enable_idempotence=True,
    )

    @kafka.publisher(os.environ["TOPIC"])
    @outbox.subscriber(
        QUEUE,
        max_workers=int(os.environ["WORKERS"]),
        fetch_batch_size=500,
        min_fetch_interval=0.01,
        max_fetch_interval=0.1,
        terminal_flush_batch_size=100,
    )
    async def relay(body: dict[str, object]) -> KafkaResponse:
        return KafkaResponse(body, key=str(body["sample_id"]).encode())

    return FastStream(outbox, on_startup=[kafka.start])


if __name__ == "__main__":
    asyncio.run(_application().run())
