"""Declarations of a service's jobs and timers.

    jobs = Jobs()

    @jobs.job()
    async def expire_consents(unit: UnitOfWork, until: str) -> None: ...

    @jobs.long(lock="plan_id")
    async def allocate(unit: UnitOfWork, progress: Progress, plan_id: str) -> str: ...

A job that calls another service also takes `clients: ServiceClients` (`solidary.platform.clients`).

`await unit.defer(expire_consents, until=…)` runs it if and only if the unit commits, in the scope of the agency that
deferred it, in a transaction of its own. `await start_work(unit, allocate, plan_id=…)` (`solidary.platform.jobs.work`)
does so for long work, and adds a row that shows its progress. Arguments are plain JSON values: ids and dates, never a
person's data.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import procrastinate
import psycopg

from solidary.platform.database import Database

JobFunction = Callable[..., Awaitable[Any]]
TimerFunction = Callable[[Database], Awaitable[None]]
DEFERRING_APP = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: it writes jobs on the connection of the unit that defers them, also in an API, which runs none."""


@dataclass(frozen=True)
class Job:
    """One kind of job. `lock` names an argument: of all jobs with the same value of it, one runs at a time."""

    queue: ClassVar[str] = "default"
    name: str
    function: JobFunction
    lock: str | None

    async def defer(self, connection: psycopg.AsyncConnection[Any], **arguments: Any) -> int:
        """Defer the job on an open transaction's own connection and return its id."""
        (id_,) = await self.defer_many(connection, [arguments])
        return id_

    async def defer_many(
        self, connection: psycopg.AsyncConnection[Any], each: Sequence[Mapping[str, Any]]
    ) -> list[int]:
        """Defer the job once for each set of arguments, as `defer` does, and return their ids. One statement."""
        jobs = [
            DEFERRING_APP.configure_task(
                self.name, queue=self.queue, lock=str(arguments[self.lock]) if self.lock else None
            ).make_new_job(**arguments)
            for arguments in each
        ]
        deferred = await DEFERRING_APP.job_manager.batch_defer_jobs_async(jobs, connection=connection)
        return [job.id for job in deferred if job.id is not None]


@dataclass(frozen=True)
class LongJob(Job):
    """A job that takes minutes, in a queue of its own, so that short jobs do not wait behind it."""

    queue: ClassVar[str] = "long"


@dataclass(frozen=True)
class Timer:
    """A function that runs for all agencies at the times of `cron` (crontab's syntax, UTC)."""

    name: str
    function: TimerFunction
    cron: str
    is_retention: bool = False
    """True where it deletes what has been kept for long enough: `retention` runs these at once."""


class Jobs:
    """The jobs and timers of one concept; a Service takes several of these."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.timers: list[Timer] = []

    def job(self, *, lock: str | None = None) -> Callable[[JobFunction], Job]:
        """Register `async def work(unit, **arguments) -> None`."""

        def register(function: JobFunction) -> Job:
            job = Job(function.__name__, function, lock)
            self.jobs.append(job)
            return job

        return register

    def long(self, *, lock: str) -> Callable[[JobFunction], LongJob]:
        """Register `async def work(unit, progress, **arguments) -> str | None`, which returns its result's path."""

        def register(function: JobFunction) -> LongJob:
            job = LongJob(function.__name__, function, lock)
            self.jobs.append(job)
            return job

        return register

    def timer(self, cron: str, *, retention: bool = False) -> Callable[[TimerFunction], TimerFunction]:
        """Register `async def work(database)`, called at the times of `cron` by one worker only.

        `retention`: it deletes what has been kept for long enough.
        """

        def register(function: TimerFunction) -> TimerFunction:
            self.timers.append(Timer(function.__name__, function, cron, retention))
            return function

        return register
