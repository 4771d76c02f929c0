"""Long work of the toy service: copies of a letter. Run as a program, it is a worker (`python copying.py URL`)."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID, uuid4

from solidary.language.problems import Fault, Invalid, NotAllowed
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, Progress, worker
from sqlalchemy import text
from toy import Letter, write_letter

jobs = Jobs()
SERVICE = Principal(uuid4(), UUID(int=0), "", frozenset(), "market")
CONSTRAINT_PROBLEMS = {"letter_words_check": Invalid}
PULSE = worker.Heartbeat(interval=0.2, timeout=1.0)
GATE = text("SELECT pg_advisory_xact_lock_shared(hashtext(:letter))")
"""Whoever holds this lock alone makes the work wait in the middle."""


@jobs.long(lock="letter")
async def copy(unit: UnitOfWork, progress: Progress, letter: str, words: str = "a copy") -> str:
    """Two copies of a letter."""
    await progress.report(0, 2)
    await write_letter(unit, words)
    await progress.report(1, 2)
    await unit.session.execute(GATE, {"letter": letter})
    await write_letter(unit, words)
    return f"/letters/{letter}"


@jobs.long(lock="letter")
async def burn(unit: UnitOfWork, progress: Progress, letter: str) -> None:
    unit.add(Letter(root=UUID(letter), words="ashes"))
    await unit.flush()
    raise NotAllowed("letters do not burn", Fault("/letter", "is of paper that does not burn"))


@jobs.long(lock="letter")
async def crash(unit: UnitOfWork, progress: Progress, letter: str) -> None:
    await write_letter(unit, "lost")
    raise RuntimeError("canary-secret")


def bound(url: str, database: Database):
    return worker.bind([jobs], url, worker.JobContext(database, SERVICE, None, CONSTRAINT_PROBLEMS))


async def serve(url: str) -> None:
    app = bound(url, Database(url, service="market", country="pa"))
    async with app.open_async():
        await worker.run(app, asyncio.Event(), PULSE)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
