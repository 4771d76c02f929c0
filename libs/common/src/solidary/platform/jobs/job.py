"""A service's jobs.

    jobs = Jobs()

    @jobs.job()
    async def expire_consents(unit: UnitOfWork, until: str) -> None: ...

    @jobs.long(lock="plan_id")
    async def allocate(unit: UnitOfWork, progress: Progress, plan_id: str) -> str: ...

A job that calls another service also takes `clients: ServiceClients` (`solidary.platform.clients`).

`await unit.defer(expire_consents, until=…)` runs it if and only if the unit commits, in the asking agency's
scope, in a transaction of its own. `await begin(unit, allocate, plan_id=…)` (`solidary.platform.jobs.work`) does so for
long work, and leaves a row that shows how far it is. Arguments are plain JSON values: ids and dates, never a
person's facts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import procrastinate
import psycopg

from solidary.platform.database import Database

Task = Callable[..., Awaitable[Any]]
Tick = Callable[[Database], Awaitable[None]]
DEFERRING_APP = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: it writes jobs on the connection of whoever asks, also in an API, which runs none."""


@dataclass(frozen=True)
class Job:
    """One kind of work. `lock` names an argument: of all jobs with the same value there, one runs at a time."""

    queue: ClassVar[str] = "default"
    name: str
    task: Task
    lock: str | None

    async def defer(self, connection: psycopg.AsyncConnection[Any], **arguments: Any) -> int:
        """Asks for the job on an open transaction's own connection."""
        lock = str(arguments[self.lock]) if self.lock else None
        return await DEFERRING_APP.configure_task(
            self.name, connection=connection, queue=self.queue, lock=lock
        ).defer_async(**arguments)


@dataclass(frozen=True)
class LongJob(Job):
    """Work that takes its time: in a queue of its own, so that short work does not wait behind it."""

    queue: ClassVar[str] = "long"


@dataclass(frozen=True)
class Timer:
    """Work that the clock asks for, for all agencies; `cron` as crontab has it, in UTC."""

    name: str
    tick: Tick
    cron: str


class Jobs:
    """The jobs and timers of one concept; a Service takes several of these."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.timers: list[Timer] = []

    def job(self, *, lock: str | None = None) -> Callable[[Task], Job]:
        """Registers `async def work(unit, **arguments) -> None`."""

        def register(task: Task) -> Job:
            job = Job(task.__name__, task, lock)
            self.jobs.append(job)
            return job

        return register

    def long(self, *, lock: str) -> Callable[[Task], LongJob]:
        """Registers `async def work(unit, progress, **arguments) -> str | None`: where its result is read."""

        def register(task: Task) -> LongJob:
            job = LongJob(task.__name__, task, lock)
            self.jobs.append(job)
            return job

        return register

    def timer(self, cron: str) -> Callable[[Tick], Tick]:
        """Registers `async def work(database)`, called at the times that `cron` says, by one worker only."""

        def register(tick: Tick) -> Tick:
            self.timers.append(Timer(tick.__name__, tick, cron))
            return tick

        return register
