"""Long work: a row that shows how far it is, from the moment it is asked for to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from solidary.language.problems import Problem
from solidary.platform.database import AgencyEntity, Database, UnitOfWork, timestamp
from solidary.platform.identity import Principal
from solidary.platform.jobs.job import LongJob

EVERY_SECONDS = 1.0
"""How often progress is written, at most."""


class Work(AgencyEntity):
    """`done` of `total` (None while unknown); `finished` with a `failure` (a problem, RFC 9457) or without.

    `result` is the path at which it is read. It belongs to the agency that asked.
    """

    __tablename__ = "work"

    what: Mapped[str]
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[str | None]
    finished: Mapped[timestamp | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Superseded(Exception):
    """Another attempt ended this work meanwhile: what this one did must not come to be."""


async def start_work(
    unit: UnitOfWork, job: LongJob, *, result: str | None = None, total: int | None = None, **arguments: Any
) -> Work:
    """Asks for long work in this transaction.

    `result`: the path of its result, `total`: how much there is to do, where these are known before.
    """
    id_ = uuid4()
    work = Work(id=id_, root=id_, what=job.name, result=result, total=total)
    unit.add(work)
    await unit.flush()
    await unit.defer(job, work=str(id_), **arguments)
    return work


async def unfinished_work(unit: UnitOfWork, job: LongJob) -> Work | None:
    """Work of this kind that the acting agency asked for and that goes on, if any."""
    mine = (Work.agency == unit.principal.agency, Work.what == job.name, Work.finished.is_(None))
    return (await unit.session.scalars(select(Work).where(*mine).limit(1))).first()


class Progress:
    """One attempt at a piece of work, as the work itself sees it."""

    def __init__(self, database: Database, principal: Principal, work: UUID) -> None:
        self._database, self._principal, self._work = database, principal, work
        self._done, self._due = 0, 0.0
        self._total: int | None = None

    def aside(self) -> UnitOfWork:
        """A short transaction beside the work's own: for what is read before long computing begins."""
        return self._database.unit(self._principal)

    async def report(self, done: int, total: int | None = None) -> None:
        """Says how far it is, for all to see at once; not more often than each second."""
        if self._reached(done, total):
            await self._write()

    def reporter(self) -> Callable[[int], None]:
        """As `report`, to be called from a thread, which does not wait for it."""
        loop = asyncio.get_running_loop()

        def reached(done: int) -> None:
            if self._reached(done, None):
                asyncio.run_coroutine_threadsafe(self._write(), loop)

        return reached

    async def is_over(self) -> bool:
        """Whether an earlier attempt ended it."""
        async with self.aside() as unit:
            ended = await unit.session.scalar(select(Work.finished).where(Work.id == self._work))
        return ended is not None

    async def finish(self, unit: UnitOfWork, result: str | None) -> None:
        """In the work's own transaction, and once. Raises Superseded where another attempt ended it."""
        all_of_it = func.coalesce(self._total, Work.total, self._done)
        ended = {"finished": func.clock_timestamp(), "done": all_of_it}
        if not await self._update(unit, **ended, **({"result": result} if result else {})):
            raise Superseded

    async def fail(self, problem: Problem) -> None:
        """Ends it without an effect."""
        async with self.aside() as unit:
            await self._update(unit, finished=func.clock_timestamp(), failure=problem.document)

    def _reached(self, done: int, total: int | None) -> bool:
        self._done = done
        self._total = total if total is not None else self._total
        due = time.monotonic() >= self._due
        if due:
            self._due = time.monotonic() + EVERY_SECONDS
        return due

    async def _write(self) -> None:
        async with self.aside() as unit:
            await self._update(unit)

    async def _update(self, unit: UnitOfWork, **values: Any) -> bool:
        reached = {"done": self._done} | ({} if self._total is None else {"total": self._total})
        changed = (
            update(Work)
            .where(Work.id == self._work, Work.finished.is_(None))
            .values({**reached, **values})
            .returning(Work.id)
        )
        return await unit.session.scalar(changed) is not None
