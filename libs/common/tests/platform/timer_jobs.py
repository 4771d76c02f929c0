"""A timer and a short job of the sample service. Run as a program, it is a worker (`python timer_jobs.py URL`)."""

from __future__ import annotations

import asyncio
import sys

import procrastinate
from copy_jobs import HEARTBEAT, SERVICE, WAIT_FOR_LOCK
from sample_service import create_sample
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, worker

jobs = Jobs()


@jobs.timer("* * * * * *")
async def tick(database: Database) -> None:
    """Run every second."""
    async with database.session_without_scope() as session:
        await session.execute(WAIT_FOR_LOCK, {"name": "tick"})


@jobs.job(lock="sample")
async def create(unit: UnitOfWork, sample: str) -> None:
    """Create a sample."""
    await unit.session.execute(WAIT_FOR_LOCK, {"name": sample})
    await create_sample(unit, "created")


def bind_jobs(url: str, database: Database) -> procrastinate.App:
    """Return the application that runs these jobs."""
    return worker.bind([jobs], url, worker.JobContext(database, SERVICE, None, {}))


async def serve(url: str) -> None:
    """Run the worker until it is killed."""
    async with bind_jobs(url, Database(url, service="market", country="pa")).open_async() as app:
        await worker.run(app, asyncio.Event(), HEARTBEAT)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
