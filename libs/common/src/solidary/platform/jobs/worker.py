"""The worker that runs a service's jobs, also again after a failure, and those of a worker that died.

The effect of a job and its end are one transaction, and only one attempt ends a job: long work ends in its row, a short
job in the inbox, like an event. So a job has its effect once, also where a worker was killed at any moment, or was cut
off so that two attempts ran at once.
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
from solidary.platform.database import Database
from solidary.platform.database.errors import problem_of
from solidary.platform.identity import Principal
from solidary.platform.jobs.connector import Connector
from solidary.platform.jobs.job import Job, Jobs, LongJob, TimerFunction
from solidary.platform.jobs.work import Progress, Superseded
from solidary.platform.process import return_memory, wait_for_stop
from solidary.platform.telemetry import job_span

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""The number of repetitions of a failed job, after 2, 4, 8, 16 and 32 seconds."""
GRACE_SECONDS = 10
"""The time in which a stopping worker's jobs may end; after it another worker starts them again."""
CONCURRENCY = {Job.queue: 2, LongJob.queue: 2}
"""The number of jobs of each queue that one worker runs at once."""

STALLED_JOBS = """
    SELECT id FROM procrastinate_jobs j WHERE status = 'doing' AND queueing_lock IS {} NULL AND NOT EXISTS (
        SELECT FROM procrastinate_workers w
        WHERE w.id = j.worker_id AND w.last_heartbeat > now() - make_interval(secs => %(timeout)s)
    ) FOR UPDATE SKIP LOCKED
"""
RETRY_STALLED = (
    f"SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM ({STALLED_JOBS.format('')}) s"
)
ABORT_STALLED_TIMERS = (
    f"SELECT procrastinate_finish_job_v1(id, 'aborted', false) FROM ({STALLED_JOBS.format('NOT')}) s"
)
"""A stalled timer is not run again: its next run starts by itself."""

IS_DONE = text("SELECT FROM machinery.inbox WHERE subscriber = 'jobs' AND event_id = :job")
RECORD_DONE = text(
    """
    INSERT INTO machinery.inbox (subscriber, event_id) VALUES ('jobs', :job)
    ON CONFLICT DO NOTHING RETURNING event_id
    """
)


@dataclass(frozen=True)
class Heartbeat:
    """The seconds between two heartbeats of a worker, and without one after which it counts as dead."""

    interval: float = 5
    timeout: float = 30


class WorkTooLarge(Problem):
    """The work needs more memory than a worker may use."""

    status, slug, title = 413, "work-too-large", "The work needs more memory than a worker may use"
    action = "Send the input in smaller parts, or ask the operator to raise SOLIDARY_MEMORY_LIMIT."


class Retry(procrastinate.RetryStrategy):
    """Repeats a failed job later, and a job that its worker's end cancelled at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Attempt) -> RetryDecision | None:
        """Return when the job is to be tried again; None where it has failed for good."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        return super().get_retry_decision(exception=exception, job=job)


@dataclass(frozen=True)
class JobContext:
    """The resources of all attempts. `constraint_problems`: the problem that each constraint of the database means."""

    database: Database
    service: Principal
    clients: ServiceClients | None
    constraint_problems: Mapping[str, type[Problem]]


def bind(jobs: Sequence[Jobs], url: str, context: JobContext) -> procrastinate.App:
    """Return the procrastinate application that runs these jobs on a database."""
    app = procrastinate.App(connector=Connector(url, CONCURRENCY))
    retry = Retry(max_attempts=ATTEMPTS, exponential_wait=2)
    for job in (job for concept in jobs for job in concept.jobs):
        attempt = _attempt_long if isinstance(job, LongJob) else _attempt
        app.task(name=job.name, retry=retry, pass_context=True)(attempt(job, context))
    for timer in (timer for concept in jobs for timer in concept.timers):
        task = app.task(name=timer.name, queue=Job.queue, lock=timer.name, queueing_lock=timer.name)(
            _run_timer(timer.function, context.database)
        )
        app.periodic(cron=timer.cron)(task)
    return app


async def run(app: procrastinate.App, stop: asyncio.Event, heartbeat: Heartbeat | None = None) -> None:
    """Run an opened application's jobs until `stop`, through losses of the database."""
    heartbeat = heartbeat or Heartbeat()
    async with asyncio.TaskGroup() as tasks:
        for queue, concurrency in CONCURRENCY.items():
            tasks.create_task(_serve(app, stop, heartbeat, queue, concurrency))
        tasks.create_task(_retry_stalled_repeatedly(app, stop, heartbeat))


async def retry_stalled(app: procrastinate.App, timeout: float) -> None:
    """Retry the jobs whose worker has sent no heartbeat for `timeout` seconds.

    Each statement locks its rows, so that of several workers only one retries a job.
    """
    for statement in (RETRY_STALLED, ABORT_STALLED_TIMERS):
        await app.connector.execute_query_all_async(statement, timeout=timeout)


async def _serve(
    app: procrastinate.App, stop: asyncio.Event, heartbeat: Heartbeat, queue: str, concurrency: int
) -> None:
    while not stop.is_set():
        serving = asyncio.create_task(
            app.run_worker_async(
                queues=[queue],
                concurrency=concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                update_heartbeat_interval=heartbeat.interval,
                stalled_worker_timeout=heartbeat.timeout,
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
            log.warning("the queue «%s» waits for the database", queue)
        await wait_for_stop(stop, 1)


async def _retry_stalled_repeatedly(
    app: procrastinate.App, stop: asyncio.Event, heartbeat: Heartbeat
) -> None:
    while not stop.is_set():
        try:
            await retry_stalled(app, heartbeat.timeout)
        except ConnectorException:
            log.warning("stalled jobs wait for the database")
        await wait_for_stop(stop, heartbeat.interval)


def _attempt(job: Job, context: JobContext) -> Callable[..., Awaitable[None]]:
    extras = _extra_arguments(job, context)

    async def attempt(
        job_context: procrastinate.JobContext,
        *,
        agency: str,
        subject: str,
        traceparent: str | None = None,
        **arguments: Any,
    ) -> None:
        parameters = {"job": UUID(int=job_context.job.id)}
        with job_span(job.name, traceparent):
            try:
                async with context.database.unit(_principal(context, agency, subject)) as unit:
                    if (await unit.session.execute(IS_DONE, parameters)).first() is None:
                        await job.function(unit, **extras, **arguments)
                        if (await unit.session.execute(RECORD_DONE, parameters)).first() is None:
                            raise Superseded
            except Superseded:
                log.warning("another attempt has ended the job %s", job.name)

    return attempt


def _attempt_long(job: Job, context: JobContext) -> Callable[..., Awaitable[None]]:
    extras = _extra_arguments(job, context)

    async def attempt(
        job_context: procrastinate.JobContext,
        *,
        agency: str,
        subject: str,
        work: str,
        traceparent: str | None = None,
        **arguments: Any,
    ) -> None:
        principal = _principal(context, agency, subject)
        progress = Progress(context.database, principal, UUID(work))
        with job_span(job.name, traceparent):
            if await progress.is_over():
                return
            if job_context.job.attempts > ATTEMPTS:
                await progress.fail(InternalError("The worker ended in each attempt at this work."))
                return
            try:
                async with context.database.unit(principal, long_running=True) as unit:
                    result = await job.function(unit, progress, **extras, **arguments)
                    await progress.finish(unit, result)
            except Superseded:
                log.warning("another attempt has ended the work %s", job.name)
            except Exception as error:
                problem = _problem_of(error, context.constraint_problems)
                if problem is not None:
                    await progress.fail(problem)
                    return
                if job_context.job.attempts >= ATTEMPTS:
                    await progress.fail(
                        InternalError("All attempts at this work failed. The reason is in the service's log.")
                    )
                raise
            finally:
                return_memory()

    return attempt


def _extra_arguments(job: Job, context: JobContext) -> dict[str, Any]:
    parameters = inspect.signature(job.function).parameters
    return {"clients": context.clients} if "clients" in parameters else {}


def _principal(context: JobContext, agency: str, subject: str) -> Principal:
    """Return the one who deferred the job, without duties: these were checked when it was deferred.

    `on_behalf_of` is set where it was a person or an agency's software, and not the service itself.
    """
    service, by = context.service, UUID(subject)
    human = None if by == service.subject else by
    return Principal(by, UUID(agency), agency, frozenset(), service.service, on_behalf_of=human)


def _problem_of(error: Exception, problems: Mapping[str, type[Problem]]) -> Problem | None:
    """Return the problem that is the outcome of the work; None for a failure, after which it is tried again."""
    if isinstance(error, DBAPIError):
        return problem_of(error, problems)
    if isinstance(error, MemoryError):
        return WorkTooLarge()
    return error if isinstance(error, Problem) else None


def _run_timer(function: TimerFunction, database: Database) -> Callable[[int], Awaitable[None]]:
    async def run_timer(timestamp: int) -> None:
        await function(database)

    return run_timer
