"""Long work: a row that shows its progress from its start to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from solidary.language.problems import Problem
from solidary.platform.database import Aggregate, Database, UnitOfWork, Updated, timestamp
from solidary.platform.identity import Principal
from solidary.platform.jobs.job import LongJob

REPORT_SECONDS = 1.0
"""The shortest interval between two writes of progress."""


class Work(Updated, Aggregate):
    """A piece of long work that an agency asked for.

    `kind` is the job's name; `done` of `total` steps are done (None while unknown); `finished` has a `failure` (a
    problem, RFC 9457) or none; `result` is the path at which the result is read.
    """

    __tablename__ = "work"
    __location__ = "/work/{id}"

    kind: Mapped[str]
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[str | None]
    finished: Mapped[timestamp | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Superseded(Exception):
    """Another attempt has ended this work meanwhile: the effects of this one must not be committed."""


async def start_work(
    unit: UnitOfWork, job: LongJob, *, result: str | None = None, total: int | None = None, **arguments: Any
) -> Work:
    """Defer long work in this transaction and return its row.

    `result`: the path of its result, and `total`: the number of its steps, where these are known beforehand.
    """
    work = Work(kind=job.name, result=result, total=total)
    unit.add(work)
    await unit.flush()
    await unit.defer(job, work=str(work.id), **arguments)
    return work


async def unfinished_work(unit: UnitOfWork, job: LongJob) -> Work | None:
    """Return work of this kind that the acting agency started and that is not finished, if any."""
    unfinished = (Work.agency == unit.principal.agency, Work.kind == job.name, Work.finished.is_(None))
    return (await unit.session.scalars(select(Work).where(*unfinished).limit(1))).first()


class Progress:
    """The progress of one attempt at a piece of work, which the work itself reports."""

    def __init__(self, database: Database, principal: Principal, work: UUID) -> None:
        self._database, self._principal, self._work = database, principal, work
        self._done, self._next_write = 0, 0.0
        self._total: int | None = None

    def separate_unit(self) -> UnitOfWork:
        """Return a unit of work beside the work's own, for reading before a long computation."""
        return self._database.unit(self._principal)

    async def report(self, done: int, total: int | None = None) -> None:
        """Record the progress, visible to all at once; written at most once in REPORT_SECONDS."""
        if self._update(done, total):
            await self._write()

    def reporter(self) -> Callable[[int], None]:
        """Return a function like `report` that a thread may call, which does not wait for the write."""
        loop = asyncio.get_running_loop()

        def report(done: int) -> None:
            if self._update(done, None):
                asyncio.run_coroutine_threadsafe(self._write(), loop)

        return report

    async def is_over(self) -> bool:
        """Return whether an earlier attempt has ended the work."""
        async with self.separate_unit() as unit:
            finished = await unit.session.scalar(select(Work.finished).where(Work.id == self._work))
        return finished is not None

    async def finish(self, unit: UnitOfWork, result: str | None) -> None:
        """End the work in its own transaction. Raises Superseded where another attempt has ended it."""
        all_steps = func.coalesce(self._total, Work.total, self._done)
        values = {"finished": func.clock_timestamp(), "done": all_steps}
        if not await self._write_row(unit, **values, **({"result": result} if result else {})):
            raise Superseded

    async def fail(self, problem: Problem) -> None:
        """End the work without an effect."""
        async with self.separate_unit() as unit:
            await self._write_row(unit, finished=func.clock_timestamp(), failure=problem.document)

    def _update(self, done: int, total: int | None) -> bool:
        """Remember the progress and return whether it is time to write it."""
        self._done = done
        self._total = total if total is not None else self._total
        is_due = time.monotonic() >= self._next_write
        if is_due:
            self._next_write = time.monotonic() + REPORT_SECONDS
        return is_due

    async def _write(self) -> None:
        async with self.separate_unit() as unit:
            await self._write_row(unit)

    async def _write_row(self, unit: UnitOfWork, **values: Any) -> bool:
        progress = {"done": self._done} | ({} if self._total is None else {"total": self._total})
        changed = (
            update(Work)
            .where(Work.id == self._work, Work.finished.is_(None))
            .values({**progress, **values})
            .returning(Work.id)
        )
        return await unit.session.scalar(changed) is not None
