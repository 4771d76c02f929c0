"""A timer and a short job of the toy service. Run as a program, it is a worker (`python ticking.py URL`)."""

from __future__ import annotations

import asyncio
import sys

from copying import GATE, PULSE, SERVICE
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, worker
from toy import write_letter

jobs = Jobs()


@jobs.timer("* * * * * *")
async def tick(database: Database) -> None:
    """Every second."""
    async with database.session_without_scope() as session:
        await session.execute(GATE, {"letter": "tick"})


@jobs.job(lock="letter")
async def post(unit: UnitOfWork, letter: str) -> None:
    await unit.session.execute(GATE, {"letter": letter})
    await write_letter(unit, "posted")


def bound(url: str, database: Database):
    return worker.bind([jobs], url, worker.JobContext(database, SERVICE, None, {}))


async def serve(url: str) -> None:
    app = bound(url, Database(url, service="market", country="pa"))
    async with app.open_async():
        await worker.run(app, asyncio.Event(), PULSE)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
