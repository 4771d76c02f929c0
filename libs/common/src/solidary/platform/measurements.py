"""The figures that a service's worker measures each minute: its database, its disk, and those that it declares.

    Service(…, measurements={OVERDUE_REFERRALS: "machinery.count_overdue_referrals()"})

Each figure is an expression of SQL without parameters that gives a number, or null where there is nothing to measure.
An expression that counts rows of agencies calls a function of the database, which rounds a number of people down to
tens: an exact one would show the moment at which somebody was added.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from typing import TypeAlias

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from solidary.platform.database import Database
from solidary.platform.process import wait_for_stop
from solidary.platform.telemetry import Gauge, observe
from solidary.platform.telemetry.metrics import DATABASE_SIZE, DISK_FREE, DISK_SIZE, Reading

INTERVAL_SECONDS = 60.0
TIMEOUT_SECONDS = 20.0

Measurements: TypeAlias = Mapping[Gauge, str]
"""The expression of SQL that gives each figure."""

PLATFORM: Measurements = {DATABASE_SIZE: "pg_database_size(current_database())"}


class MeasurementMonitor:
    """Measures for telemetry. While the database does not answer, its figures have no reading."""

    def __init__(self, database: Database, measurements: Measurements) -> None:
        self._database = database
        self._gauges = {**PLATFORM, **measurements}
        self._statement = text(f"SELECT {', '.join(f'({each})' for each in self._gauges.values())}")
        self.readings: Mapping[Gauge, list[Reading]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Measure until `stop`."""
        for gauge in (*self._gauges, DISK_SIZE, DISK_FREE):
            observe(gauge, lambda gauge=gauge: self.readings.get(gauge, ()))  # type: ignore[misc]
        while not stop.is_set():
            self.readings = await self.measure()
            await wait_for_stop(stop, INTERVAL_SECONDS)

    async def measure(self) -> Mapping[Gauge, list[Reading]]:
        """Return all figures: those of the database in one statement."""
        disk = shutil.disk_usage(os.environ.get("SOLIDARY_TELEMETRY_DIR") or "/")
        measured: dict[Gauge, list[Reading]] = {DISK_SIZE: [(disk.total, {})], DISK_FREE: [(disk.free, {})]}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._database.session_without_scope() as session:
                row = (await session.execute(self._statement)).one()
        except (DBAPIError, PoolTimeout, psycopg.Error, OSError):
            return measured
        values = zip(self._gauges, row, strict=True)
        return measured | {gauge: [(float(value), {})] for gauge, value in values if value is not None}
