"""The backlog of a service: events not yet sent, jobs, parked keys, and the lag of its consumers."""

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
from solidary.platform.process import wait_for_stop
from solidary.platform.telemetry import (
    CONSUMER_LAG,
    JOBS_FAILED,
    JOBS_WAITING,
    OUTBOX_AGE,
    PARKED_KEYS,
    Gauge,
    observe,
)
from solidary.platform.telemetry.metrics import Reading

INTERVAL_SECONDS = 15.0
TIMEOUT_SECONDS = 5.0

LagByConsumer: TypeAlias = Mapping[Consumer, Mapping[TopicPartition, int]]

_READ_BACKLOG = text(
    """
    SELECT
        (SELECT extract(epoch FROM now() - min(first.time)) FROM generate_series(0, 15) AS lane,
            LATERAL (SELECT time FROM machinery.outbox o WHERE o.lane = lane.lane ORDER BY position LIMIT 1) AS first
        ) AS oldest_unsent_seconds,
        (SELECT count(*) FROM machinery.parked_key) AS parked_keys,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'todo') AS waiting_jobs,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'failed') AS failed_jobs,
        (SELECT jsonb_object_agg(subscriber, jsonb_build_array(events, age)) FROM (
            SELECT subscriber, sum(events) AS events, extract(epoch FROM now() - min(measured_at)) AS age
            FROM machinery.lag GROUP BY subscriber
        ) AS measured) AS lag
    """
)
_RECORD_LAG = text(
    """
    WITH removed AS (DELETE FROM machinery.lag WHERE subscriber <> ALL(CAST(:subscribers AS text[])))
    INSERT INTO machinery.lag (subscriber, topic, partition, events)
    SELECT * FROM jsonb_to_recordset(CAST(:measured AS jsonb))
        AS measured (subscriber text, topic text, partition int, events bigint)
    ORDER BY 1, 2, 3
    ON CONFLICT (subscriber, topic, partition)
        DO UPDATE SET events = excluded.events, measured_at = excluded.measured_at
    """
)


@dataclass(frozen=True)
class Lag:
    """The number of events that a subscriber has yet to handle, as its worker last measured it.

    A worker measures every INTERVAL_SECONDS. A much older figure belongs to a worker that is not running, or to
    partitions that no worker reads.
    """

    events: int
    measured_seconds_ago: float


@dataclass(frozen=True)
class Backlog:
    """A service's backlog as its database shows it. `lag`: by subscriber, those that were ever measured."""

    oldest_unsent_seconds: float | None
    parked_keys: int
    waiting_jobs: int
    failed_jobs: int
    lag: Mapping[str, Lag]


async def read_backlog(database: Database) -> Backlog:
    """Return the backlog, in one statement."""
    async with database.session_without_scope() as session:
        row = (await session.execute(_READ_BACKLOG)).one()
    unsent = row.oldest_unsent_seconds
    return Backlog(
        None if unsent is None else float(unsent),
        row.parked_keys,
        row.waiting_jobs,
        row.failed_jobs,
        {name: Lag(events, max(0.0, round(age, 1))) for name, (events, age) in (row.lag or {}).items()},
    )


class BacklogMonitor:
    """Measures the backlog for telemetry and records the lag for the health page.

    While something cannot be measured it has no reading, and the page shows the last lag with its age.
    """

    def __init__(self, database: Database, service: str, consumers: Sequence[Consumer]) -> None:
        self._database, self._service, self._consumers = database, service, consumers
        self.readings: Mapping[Gauge, list[Reading]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Measure until `stop`."""
        for gauge in (OUTBOX_AGE, PARKED_KEYS, JOBS_WAITING, JOBS_FAILED, CONSUMER_LAG):
            observe(gauge, lambda gauge=gauge: self.readings.get(gauge, ()))  # type: ignore[misc]
        while not stop.is_set():
            self.readings = await self._measure()
            await wait_for_stop(stop, INTERVAL_SECONDS)

    async def _measure(self) -> Mapping[Gauge, list[Reading]]:
        measured: dict[Gauge, list[Reading]] = {}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                backlog = await read_backlog(self._database)
                age = backlog.oldest_unsent_seconds or 0.0
                measured[OUTBOX_AGE] = [
                    (age, {"messaging.destination.name": f"{self._database.country.lower()}.{self._service}"})
                ]
                measured[PARKED_KEYS] = [(backlog.parked_keys, {})]
                measured[JOBS_WAITING] = [(backlog.waiting_jobs, {})]
                measured[JOBS_FAILED] = [(backlog.failed_jobs, {})]
                lag = {consumer: await consumer.lag() for consumer in self._consumers}
                measured[CONSUMER_LAG] = _readings(lag)
                await self._record(lag)
        except (DBAPIError, PoolTimeout, psycopg.Error, KafkaError, OSError):
            pass
        return measured

    async def _record(self, lag: LagByConsumer) -> None:
        if not lag:
            return
        measured = [
            {
                "subscriber": consumer.subscriber.name,
                "topic": at.topic,
                "partition": at.partition,
                "events": events,
            }
            for consumer, partitions in lag.items()
            for at, events in partitions.items()
        ]
        subscribers = [consumer.subscriber.name for consumer in lag]
        async with self._database.session_without_scope() as session:
            await session.execute(_RECORD_LAG, {"subscribers": subscribers, "measured": json.dumps(measured)})
            await session.commit()


def _readings(lag: LagByConsumer) -> list[Reading]:
    return [
        (
            events,
            {
                "messaging.destination.name": at.topic,
                "messaging.destination.partition.id": str(at.partition),
                "messaging.consumer.group.name": consumer.group,
            },
        )
        for consumer, partitions in lag.items()
        for at, events in partitions.items()
    ]
