"""How a worker runs jobs: an attempt at a time, again after a failure, and those of a worker that died.

The effect of a job and its end are one transaction, and only one attempt's end comes to be: long work ends in its row,
a short job in the inbox, like an event. So it happens once, also where a worker was killed at any moment, or was cut
off and two attempts ran at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Attempt
from procrastinate.retry import RetryDecision
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from solidary.language.problems import InternalError, Problem
from solidary.platform.clients import ServiceClients
from solidary.platform.connection import CONNECTION_PARAMETERS
from solidary.platform.database import Database
from solidary.platform.database.errors import problem_of
from solidary.platform.identity import Principal
from solidary.platform.jobs.job import Job, Jobs, LongJob, Tick
from solidary.platform.jobs.work import Progress, Superseded
from solidary.platform.telemetry import working

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a job is tried again, after 2, 4, 8, 16 and 32 seconds."""
GRACE_SECONDS = 10
"""How long a worker that is asked to end waits for its jobs; then another takes them up."""
CONCURRENCY = {Job.queue: 2, LongJob.queue: 2}
"""How many jobs of a queue one worker runs at once."""

STALLED = """
    SELECT id FROM procrastinate_jobs j WHERE status = 'doing' AND queueing_lock IS {} NULL AND NOT EXISTS (
        SELECT FROM procrastinate_workers w
        WHERE w.id = j.worker_id AND w.last_heartbeat > now() - make_interval(secs => %(silent)s)
    ) FOR UPDATE SKIP LOCKED
"""
TAKE_UP = f"SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM ({STALLED.format('')}) s"
LET_GO = f"SELECT procrastinate_finish_job_v1(id, 'aborted', false) FROM ({STALLED.format('NOT')}) s"
"""A timer that stalled: its next time comes by itself."""

IS_DONE = text("SELECT FROM machinery.inbox WHERE subscriber = 'jobs' AND event_id = :job")
IS_DONE_NOW = text(
    """
    INSERT INTO machinery.inbox (subscriber, event_id) VALUES ('jobs', :job)
    ON CONFLICT DO NOTHING RETURNING event_id
    """
)


@dataclass(frozen=True)
class Heartbeat:
    """Seconds between two signs of life of a worker, and of silence after which it counts as dead."""

    every: float = 5
    silent: float = 30


class Retry(procrastinate.RetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Attempt) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        return super().get_retry_decision(exception=exception, job=job)


@dataclass(frozen=True)
class JobContext:
    """What attempts have at hand. `constraint_problems`: what a constraint of the database means, in words."""

    database: Database
    service: Principal
    clients: ServiceClients | None
    constraint_problems: Mapping[str, type[Problem]]


def bind(jobs: Sequence[Jobs], url: str, place: JobContext) -> procrastinate.App:
    """The procrastinate application that runs these jobs against a database."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url,
        kwargs={**CONNECTION_PARAMETERS, "options": "-c search_path=machinery"},
        min_size=1,
        max_size=6,
    )
    app = procrastinate.App(connector=connector)
    retry = Retry(max_attempts=ATTEMPTS, exponential_wait=2)
    for job in (job for concept in jobs for job in concept.jobs):
        attempt = _attempt_long if isinstance(job, LongJob) else _attempt
        app.task(name=job.name, retry=retry, pass_context=True)(attempt(job, place))
    for timer in (timer for concept in jobs for timer in concept.timers):
        task = app.task(name=timer.name, queue=Job.queue, lock=timer.name, queueing_lock=timer.name)(
            _tick(timer.tick, place.database)
        )
        app.periodic(cron=timer.cron)(task)
    return app


async def run(app: procrastinate.App, stop: asyncio.Event, pulse: Heartbeat | None = None) -> None:
    """Runs an opened application's jobs until `stop`, through losses of the database."""
    pulse = pulse or Heartbeat()
    async with asyncio.TaskGroup() as running:
        for queue, hands in CONCURRENCY.items():
            running.create_task(_serve(app, stop, pulse, queue, hands))
        running.create_task(_take_up(app, stop, pulse))


async def retry_stalled(app: procrastinate.App, silent: float) -> None:
    """Jobs whose worker gave no sign of life for so many seconds are to be done again.

    One statement on locked rows, so that of several workers that look only one takes a job up.
    """
    for statement in (TAKE_UP, LET_GO):
        await app.connector.execute_query_all_async(statement, silent=silent)


async def _serve(
    app: procrastinate.App, stop: asyncio.Event, pulse: Heartbeat, queue: str, hands: int
) -> None:
    while not stop.is_set():
        serving = asyncio.create_task(
            app.run_worker_async(
                queues=[queue],
                concurrency=hands,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                update_heartbeat_interval=pulse.every,
                stalled_worker_timeout=pulse.silent,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        serving.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        except ConnectorException:
            log.warning("jobs wait for the database")
        await _pause(stop, 1)


async def _take_up(app: procrastinate.App, stop: asyncio.Event, pulse: Heartbeat) -> None:
    while not stop.is_set():
        try:
            await retry_stalled(app, pulse.silent)
        except ConnectorException:
            log.warning("jobs wait for the database")
        await _pause(stop, pulse.every)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _attempt(job: Job, place: JobContext) -> Callable[..., Awaitable[None]]:
    given = _given(job, place)

    async def attempt(
        context: procrastinate.JobContext,
        *,
        agency: str,
        subject: str,
        traceparent: str | None = None,
        **arguments: Any,
    ) -> None:
        this = {"job": UUID(int=context.job.id)}
        with working(job.name, traceparent):
            try:
                async with place.database.unit(_asker(place, agency, subject)) as unit:
                    if (await unit.session.execute(IS_DONE, this)).first() is None:
                        await job.task(unit, **given, **arguments)
                        if (await unit.session.execute(IS_DONE_NOW, this)).first() is None:
                            raise Superseded
            except Superseded:
                log.warning("another attempt ended this job")

    return attempt


def _attempt_long(job: Job, place: JobContext) -> Callable[..., Awaitable[None]]:
    given = _given(job, place)

    async def attempt(
        context: procrastinate.JobContext,
        *,
        agency: str,
        subject: str,
        work: str,
        traceparent: str | None = None,
        **arguments: Any,
    ) -> None:
        principal = _asker(place, agency, subject)
        progress = Progress(place.database, principal, UUID(work))
        with working(job.name, traceparent):
            if await progress.is_over():
                return
            if context.job.attempts > ATTEMPTS:
                await progress.fail(
                    InternalError("The work was tried several times, and its worker ended each time.")
                )
                return
            try:
                async with place.database.unit(principal, patient=True) as unit:
                    result = await job.task(unit, progress, **given, **arguments)
                    await progress.finish(unit, result)
            except Superseded:
                log.warning("another attempt ended this work")
            except Exception as error:
                refused = _refused(error, place.constraint_problems)
                if refused is not None:
                    await progress.fail(refused)
                    return
                if context.job.attempts >= ATTEMPTS:
                    await progress.fail(
                        InternalError("The work was tried several times; the reason is in the service's log.")
                    )
                raise

    return attempt


def _given(job: Job, place: JobContext) -> dict[str, Any]:
    return {"clients": place.clients} if "clients" in inspect.signature(job.task).parameters else {}


def _asker(place: JobContext, agency: str, subject: str) -> Principal:
    """Who asked, by the hand of the service: without duties, which were looked at when it was asked."""
    return Principal(UUID(subject), UUID(agency), agency, frozenset(), place.service.service)


def _refused(error: Exception, problems: Mapping[str, type[Problem]]) -> Problem | None:
    """A no is the outcome of the work, and is not asked for again."""
    if isinstance(error, DBAPIError):
        return problem_of(error, problems)
    return error if isinstance(error, Problem) else None


def _tick(tick: Tick, database: Database) -> Callable[[int], Awaitable[None]]:
    async def ticked(timestamp: int) -> None:
        await tick(database)

    return ticked
