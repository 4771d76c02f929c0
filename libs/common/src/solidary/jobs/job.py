"""A service's jobs.

    jobs = Jobs()

    @jobs.job
    async def expire_consents(unit: UnitOfWork, until: str) -> None: ...

A job that calls another service takes `outside: Outside` after the unit.

`await unit.ask_for(expire_consents, until=…)` runs it if and only if the unit commits, in the asking agency's
scope, in a transaction of its own. Arguments are plain JSON values: ids and dates, never a person's facts.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import procrastinate
import psycopg

from solidary.database import Database, UnitOfWork
from solidary.identity import Principal
from solidary.telemetry import working

Work = Callable[..., Awaitable[None]]
ATTEMPTS = 5
ASKING = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: it writes jobs on the connection of whoever asks, also in an API, which runs none."""


@dataclass(frozen=True)
class Outside:
    """For work that calls another service: a client with our own service's token, and where intake answers."""

    http: httpx.AsyncClient
    intake: str | None


@dataclass
class Job:
    """One kind of long work. `lock` names an argument: two jobs with the same value never run at once."""

    name: str
    work: Work
    lock: str | None

    async def defer(self, connection: psycopg.AsyncConnection[Any], **arguments: Any) -> int:
        """Asks for the job on an open transaction's own connection."""
        lock = f"{self.name}:{arguments[self.lock]}" if self.lock else None
        return await ASKING.configure_task(self.name, connection=connection, lock=lock).defer_async(
            **arguments
        )


@dataclass(frozen=True)
class Timer:
    """Work that the clock asks for, for all agencies; `cron` as crontab has it, in UTC."""

    name: str
    work: Work
    cron: str


class Jobs:
    """The jobs and timers of one concept; a Service takes several of these."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.timers: list[Timer] = []

    def job(self, *, lock: str | None = None) -> Callable[[Work], Job]:
        """Registers `async def work(unit, **arguments)`."""

        def register(work: Work) -> Job:
            job = Job(work.__name__, work, lock)
            self.jobs.append(job)
            return job

        return register

    def timer(self, cron: str) -> Callable[[Work], Work]:
        """Registers `async def work(database)`, called at the times that `cron` says, by one worker only."""

        def register(work: Work) -> Work:
            self.timers.append(Timer(work.__name__, work, cron))
            return work

        return register


def bind(
    jobs: list[Jobs], url: str, database: Database, service: Principal, outside: Outside | None = None
) -> procrastinate.App:
    """The procrastinate application that runs these jobs against a database."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url, kwargs={"options": "-c search_path=machinery"}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)
    for concept in jobs:
        for job in concept.jobs:
            app.task(
                name=job.name, retry=procrastinate.RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2)
            )(_run(job.work, database, service, outside))
        for timer in concept.timers:
            task = app.task(name=timer.name, queueing_lock=timer.name, pass_context=False)(
                _tick(timer.work, database)
            )
            app.periodic(cron=timer.cron)(task)
    return app


def _run(
    work: Work, database: Database, service: Principal, outside: Outside | None
) -> Callable[..., Awaitable[None]]:
    given = (outside,) if "outside" in inspect.signature(work).parameters else ()

    async def run(*, agency: str, subject: str, traceparent: str | None = None, **arguments: Any) -> None:
        principal = Principal(UUID(subject), UUID(agency), agency, frozenset(), service.service)
        with working(work.__name__, traceparent):
            async with database.unit(principal) as unit:
                await work(unit, *given, **arguments)

    return run


def _tick(work: Work, database: Database) -> Callable[[int], Awaitable[None]]:
    async def tick(timestamp: int) -> None:
        await work(database)

    return tick


__all__ = ["Job", "Jobs", "Outside", "UnitOfWork", "bind"]
