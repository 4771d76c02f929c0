"""What waits in a service: events not yet sent, jobs, keys set aside, events that a reader has yet to handle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import psycopg
from aiokafka.errors import KafkaError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from solidary.database import Database
from solidary.messaging.consumer import Consumer
from solidary.messaging.stopping import wait_for_stop
from solidary.telemetry import CONSUMER_LAG, OUTBOX_AGE, PARKED_KEYS, Gauge, observe
from solidary.telemetry.metrics import Reading

EVERY_SECONDS = 15.0
PATIENCE_SECONDS = 5.0

_WAITING = text(
    """
    SELECT
        (SELECT extract(epoch FROM now() - min(time)) FROM machinery.outbox) AS oldest_unsent_seconds,
        (SELECT count(*) FROM machinery.parked_key) AS parked_keys,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'todo') AS waiting_jobs,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'failed') AS failed_jobs
    """
)


async def waiting(database: Database) -> Mapping[str, float | None]:
    """What waits in the database, by name: counts, and the age of the oldest unsent event, if there is one."""
    async with database.session_without_scope() as session:
        row = (await session.execute(_WAITING)).one()
    return {name: value and float(value) for name, value in row._mapping.items()}


class Watch:
    """Measures what waits, for telemetry. What cannot be measured just now has no reading."""

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
                age = found["oldest_unsent_seconds"] or 0.0
                measured[OUTBOX_AGE] = [(age, {"messaging.destination.name": self._topic})]
                measured[PARKED_KEYS] = [(found["parked_keys"] or 0.0, {})]
                measured[CONSUMER_LAG] = [
                    reading for consumer in self._consumers for reading in await _lag(consumer)
                ]
        except (DBAPIError, psycopg.Error, KafkaError, OSError, TimeoutError):
            pass
        return measured


async def _lag(consumer: Consumer) -> list[Reading]:
    return [
        (
            behind,
            {
                "messaging.destination.name": at.topic,
                "messaging.destination.partition.id": str(at.partition),
                "messaging.consumer.group.name": consumer.group,
            },
        )
        for at, behind in (await consumer.behind()).items()
    ]
