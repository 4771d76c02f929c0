"""The closing of connections that a pool keeps and nobody needs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

import psycopg
import pytest
import sample_service
from solidary.platform.database import Database
from solidary.platform.jobs import Jobs
from solidary.platform.service import PARTS, Service
from solidary_testing import eventually
from solidary_testing.servers import settings_for
from sqlalchemy import text

BUSY = 5


@pytest.fixture
async def pooled(sample_database) -> AsyncIterator[Database]:
    url = sample_database.roles["app"]
    opened = Database(url, service="market-idle", country="pa", pool_size=BUSY, idle_seconds=0.3)
    yield opened
    await opened.close()


@pytest.fixture
def count(sample_database):
    """Count the pool's connections, as PostgreSQL sees them."""

    async def count() -> int:
        with psycopg.connect(sample_database.admin) as admin:
            found = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'market-idle'"
            ).fetchone()
        return found[0]

    return count


async def use(database: Database, ready: asyncio.Barrier | None = None) -> None:
    async with database.session_without_scope() as session:
        await session.execute(text("SELECT 1"))
        if ready:
            await ready.wait()


async def use_at_once(database: Database) -> None:
    ready = asyncio.Barrier(BUSY)
    await asyncio.gather(*(use(database, ready) for _ in range(BUSY)))


async def test_connections_are_closed_when_nobody_uses_them(pooled, count) -> None:
    await use_at_once(pooled)

    async def none_is_left() -> bool:
        return await count() == 0

    await eventually(none_is_left, what="the end of the idle connections")
    await use_at_once(pooled)
    assert await count() == BUSY


async def test_connection_in_use_stays_and_goes_back(pooled, count) -> None:
    async with pooled.session_without_scope() as session:
        own = await session.scalar(text("SELECT pg_backend_pid()"))
        await use(pooled)

        async def a_window_has_ended() -> bool:
            return pooled._idle._closing is not None and pooled._idle._closing.done()

        await eventually(a_window_has_ended, what="the end of a window")
        assert await session.scalar(text("SELECT pg_backend_pid()")) == own

    async def none_is_left() -> bool:
        return await count() == 0

    await eventually(none_is_left, what="the end of the idle connections")


IDLE_WORKER = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()),
    (SELECT count(*) FROM machinery.lag), (SELECT count(*) FROM machinery.procrastinate_workers)
"""


async def test_idle_worker_keeps_a_connection_for_its_relay_and_two_for_its_jobs(
    run, sample_database, country, monkeypatch
) -> None:
    monkeypatch.setattr("solidary.platform.jobs.connector.WINDOW_SECONDS", 0.5)
    service = Service(name="market", description="", routers=[], reactions=[sample_service], jobs=[Jobs()])
    account = {"kafka_user": run.kafka.admin.username, "kafka_password": run.kafka.admin.password}
    settings = settings_for(run, sample_database, "market", country=country, **account)
    stop = asyncio.Event()
    with psycopg.connect(sample_database.admin, autocommit=True) as admin:
        admin.execute("TRUNCATE machinery.lag")

        async def has_three_and_has_worked() -> bool:
            connections, partitions, queues = admin.execute(IDLE_WORKER).fetchone()
            return connections == 3 and partitions > 0 and queues == 2

        working = asyncio.create_task(service.work(settings, PARTS, stop))
        try:
            await eventually(has_three_and_has_worked, what="the end of all other connections")
        finally:
            stop.set()
            await working
            gc.unfreeze()
