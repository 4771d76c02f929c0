"""Long work of the sample service: copies of a sample. Run as a program, it is a worker (`python copy_jobs.py URL`)."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID, uuid4

import procrastinate
from sample_service import Sample, create_sample
from solidary.language.problems import Fault, Invalid, NotAllowed
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, Progress, worker
from sqlalchemy import text

jobs = Jobs()
SERVICE = Principal(uuid4(), UUID(int=0), "", frozenset(), "market")
CONSTRAINT_PROBLEMS = {"sample_content_check": Invalid}
HEARTBEAT = worker.Heartbeat(interval=0.2, timeout=1.0)
PATIENT_HEARTBEAT = worker.Heartbeat(interval=0.2, timeout=600)
"""For tests in which no worker may be taken for dead, however slow the machine is."""
WAIT_FOR_LOCK = text("SELECT pg_advisory_xact_lock_shared(hashtext(:name))")
"""A test that holds this lock exclusively makes the job wait in the middle."""


@jobs.long(lock="sample")
async def copy(unit: UnitOfWork, progress: Progress, sample: str, content: str = "a copy") -> str:
    """Make two copies of a sample."""
    await progress.report(0, 2)
    await create_sample(unit, content)
    await progress.report(1, 2)
    await unit.session.execute(WAIT_FOR_LOCK, {"name": sample})
    await create_sample(unit, content)
    return f"/samples/{sample}"


@jobs.long(lock="sample")
async def refuse(unit: UnitOfWork, progress: Progress, sample: str) -> None:
    """Write a row and raise a problem."""
    unit.add(Sample(content="refused"))
    await unit.flush()
    raise NotAllowed("This sample cannot be copied.", Fault("/sample", "This sample is fixed."))


@jobs.long(lock="sample")
async def fail(unit: UnitOfWork, progress: Progress, sample: str) -> None:
    """Write a row and fail."""
    await create_sample(unit, "lost")
    raise RuntimeError("canary-secret")


@jobs.long(lock="sample")
async def exhaust(unit: UnitOfWork, progress: Progress, sample: str) -> None:
    """Need more memory than there is."""
    bytearray(1 << 60)


def bind_jobs(url: str, database: Database) -> procrastinate.App:
    """Return the application that runs these jobs."""
    return worker.bind([jobs], url, worker.JobContext(database, SERVICE, None, CONSTRAINT_PROBLEMS))


async def serve(url: str) -> None:
    """Run the worker until it is killed."""
    async with bind_jobs(url, Database(url, service="market", country="pa")).open_async() as app:
        await worker.run(app, asyncio.Event(), HEARTBEAT)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
