"""A worker of intake's jobs as a process of its own, which a test kills (`python import_worker.py URL`)."""

from __future__ import annotations

import asyncio
import sys

import procrastinate
from intake.service import service
from solidary.platform.database import Database
from solidary.platform.jobs import worker

HEARTBEAT = worker.Heartbeat(interval=0.2, timeout=1.0)


def bind(url: str, database: Database) -> procrastinate.App:
    """Return the application that runs intake's jobs, without its timers."""
    context = worker.JobContext(database, service.principal, None, service.constraint_problems)
    app = worker.bind(service.jobs, url, context)
    app.periodic_registry.periodic_tasks.clear()
    return app


async def serve(url: str) -> None:
    """Run the worker until it is killed."""
    async with bind(url, Database(url, service="intake", country="pa")).open_async() as app:
        await worker.run(app, asyncio.Event(), HEARTBEAT)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
