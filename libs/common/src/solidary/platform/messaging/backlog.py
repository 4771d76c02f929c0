"""What waits in a service: events not yet sent, jobs, keys set aside, events that a reader has yet to handle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import psycopg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.platform.database import Database
from solidary.platform.messaging.consumer import Consumer
from solidary.platform.messaging.running import wait_for_stop
from solidary.platform.telemetry import CONSUMER_LAG, OUTBOX_AGE, PARKED_KEYS, Gauge, observe
from solidary.platform.telemetry.metrics import Reading

EVERY_SECONDS = 15.0
PATIENCE_SECONDS = 5.0

Behind: TypeAlias = Mapping[Consumer, Mapping[TopicPartition, int]]

_WAITING = text(
    """
    SELECT
        (SELECT extract(epoch FROM now() - min(first.time)) FROM generate_series(0, 15) AS lane,
            LATERAL (SELECT time FROM machinery.outbox o WHERE o.lane = lane.lane ORDER BY pos LIMIT 1) AS first
        ) AS oldest_unsent_seconds,
        (SELECT count(*) FROM machinery.parked_key) AS parked_keys,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'todo') AS waiting_jobs,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'failed') AS failed_jobs,
        (SELECT jsonb_object_agg(subscriber, jsonb_build_array(events, age)) FROM (
            SELECT subscriber, sum(events) AS events, extract(epoch FROM now() - min(at)) AS age
            FROM machinery.lag GROUP BY subscriber
        ) AS measured) AS lag
    """
)
_KEEP_LAG = text(
    """
    WITH gone AS (DELETE FROM machinery.lag WHERE subscriber <> ALL(CAST(:known AS text[])))
    INSERT INTO machinery.lag (subscriber, topic, partition, events)
    SELECT * FROM jsonb_to_recordset(CAST(:measured AS jsonb))
        AS measured (subscriber text, topic text, partition int, events bigint)
    ORDER BY 1, 2, 3
    ON CONFLICT (subscriber, topic, partition) DO UPDATE SET events = excluded.events, at = excluded.at
    """
)


@dataclass(frozen=True)
class Lag:
    """Events that a subscriber has yet to handle. Its worker measures that, each `EVERY_SECONDS`: a figure much older
    is of a worker, or of partitions, that nobody runs."""

    events: int
    measured_seconds_ago: float


@dataclass(frozen=True)
class Waiting:
    """What waits in a service, as its database knows it."""

    oldest_unsent_seconds: float | None
    parked_keys: int
    waiting_jobs: int
    failed_jobs: int
    lag: Mapping[str, Lag]
    """By subscriber; those that were ever measured."""


async def waiting(database: Database) -> Waiting:
    """One statement."""
    async with database.session_without_scope() as session:
        row = (await session.execute(_WAITING)).one()
    unsent = row.oldest_unsent_seconds
    return Waiting(
        None if unsent is None else float(unsent),
        row.parked_keys,
        row.waiting_jobs,
        row.failed_jobs,
        {name: Lag(events, max(0.0, round(age, 1))) for name, (events, age) in (row.lag or {}).items()},
    )


class BacklogMonitor:
    """Measures what waits, for telemetry, and keeps the lag for the health page. What cannot be measured just now has
    no reading, and the page keeps the last one with its age."""

    def __init__(self, database: Database, topic: str, consumers: Sequence[Consumer]) -> None:
        self._database, self._topic, self._consumers = database, topic, consumers
        self.readings: Mapping[Gauge, list[Reading]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`."""
        for gauge in (OUTBOX_AGE, PARKED_KEYS, CONSUMER_LAG):
            observe(gauge, lambda gauge=gauge: self.readings.get(gauge, ()))  # type: ignore[misc]
        while not stop.is_set():
            self.readings = await self._measure()
            await wait_for_stop(stop, EVERY_SECONDS)

    async def _measure(self) -> Mapping[Gauge, list[Reading]]:
        measured: dict[Gauge, list[Reading]] = {}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await waiting(self._database)
                age = found.oldest_unsent_seconds or 0.0
                measured[OUTBOX_AGE] = [(age, {"messaging.destination.name": self._topic})]
                measured[PARKED_KEYS] = [(found.parked_keys, {})]
                behind = {consumer: await consumer.behind() for consumer in self._consumers}
                measured[CONSUMER_LAG] = _readings(behind)
                await self._keep(behind)
        except (DBAPIError, PoolTimeout, psycopg.Error, KafkaError, OSError):
            pass
        return measured

    async def _keep(self, behind: Behind) -> None:
        if not behind:
            return
        measured = [
            {
                "subscriber": consumer.subscriber.name,
                "topic": at.topic,
                "partition": at.partition,
                "events": events,
            }
            for consumer, partitions in behind.items()
            for at, events in partitions.items()
        ]
        known = [consumer.subscriber.name for consumer in behind]
        async with self._database.session_without_scope() as session:
            await session.execute(_KEEP_LAG, {"known": known, "measured": json.dumps(measured)})
            await session.commit()


def _readings(behind: Behind) -> list[Reading]:
    return [
        (
            events,
            {
                "messaging.destination.name": at.topic,
                "messaging.destination.partition.id": str(at.partition),
                "messaging.consumer.group.name": consumer.group,
            },
        )
        for consumer, partitions in behind.items()
        for at, events in partitions.items()
    ]
