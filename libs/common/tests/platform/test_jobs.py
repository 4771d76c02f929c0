"""Timers and short jobs, run by procrastinate: a timer runs once for all workers, and a job has one effect."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import timer_jobs
from sample_service import Sample
from solidary.platform.jobs import worker
from solidary_testing import eventually
from sqlalchemy import select


@pytest.fixture
async def app(sample_database, database):
    bound = timer_jobs.bind_jobs(sample_database.roles["app"], database)
    async with bound.open_async():
        yield bound


@asynccontextmanager
async def workers(*apps) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for app in apps:
            tasks.create_task(worker.run(app, stop, timer_jobs.HEARTBEAT))
        try:
            yield
        finally:
            stop.set()


@asynccontextmanager
async def lock_held(admin, name: str):
    """Make the jobs that wait for this lock wait within the block."""
    await admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
    try:
        yield
    finally:
        await admin.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


async def job_value(admin, expression: str, task: str) -> object:
    found = await admin.execute(
        f"SELECT {expression} FROM machinery.procrastinate_jobs WHERE task_name = %s", [task]
    )
    return (await found.fetchone())[0]


async def sample_contents(database, who) -> list[str]:
    async with database.unit(who) as unit:
        return sorted((await unit.session.scalars(select(Sample.content))).all())


async def test_timer_runs_once_for_two_workers(sample_database, database, admin, app):
    other = timer_jobs.bind_jobs(sample_database.roles["app"], database)
    async with other.open_async(), workers(app, other):

        async def ran_three_times() -> bool:
            return await job_value(admin, "count(*) FILTER (WHERE status = 'succeeded')", "tick") >= 3

        await eventually(ran_three_times, what="three runs")
    times, distinct, attempts = (
        await job_value(admin, "count(*)", "tick"),
        await job_value(admin, "count(DISTINCT args ->> 'timestamp')", "tick"),
        await job_value(admin, "max(attempts)", "tick"),
    )
    assert (distinct, attempts) == (times, 1)


async def test_long_timer_run_has_no_second_one_beside_it_and_one_in_the_queue(
    sample_database, database, admin, app
):
    other = timer_jobs.bind_jobs(sample_database.roles["app"], database)
    async with other.open_async(), workers(app, other), lock_held(admin, "tick"):

        async def one_is_queued() -> bool:
            return await job_value(admin, "count(*) FILTER (WHERE status = 'todo')", "tick") == 1

        await eventually(one_is_queued, what="the run in the queue")
        age = "extract(epoch FROM now()) - max((args ->> 'timestamp')::int)"

        async def two_more_are_due() -> bool:
            return await job_value(admin, age, "tick") > 3

        await eventually(two_more_are_due, what="the times of two more runs")
        assert await job_value(admin, "count(*) FILTER (WHERE status = 'doing')", "tick") == 1
        assert await one_is_queued()


async def test_timer_run_of_a_dead_worker_is_aborted_and_the_next_one_runs(sample_database, admin, app):
    async with lock_held(admin, "tick"):
        program = [sys.executable, str(Path(timer_jobs.__file__)), sample_database.roles["app"]]
        killed = await asyncio.create_subprocess_exec(*program)

        async def is_running() -> object:
            return await job_value(admin, "max(id) FILTER (WHERE status = 'doing')", "tick")

        stalled = await eventually(is_running, within=180, what="a running timer")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    async with workers(app):

        async def next_succeeded() -> object:
            return await job_value(admin, f"bool_or(id > {stalled} AND status = 'succeeded')", "tick")

        await eventually(next_succeeded, what="a later run")
    assert await job_value(admin, f"max(status::text) FILTER (WHERE id = {stalled})", "tick") == "aborted"


async def test_queues_of_a_worker_wait_for_jobs_on_one_connection(admin, app):
    async def listening() -> list[int]:
        found = await admin.execute(
            """SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%procrastinate%'"""
        )
        return [pid for (pid,) in await found.fetchall()]

    async def all_by_one() -> int | None:
        pids = await listening()
        return pids[0] if len(app.connector._listeners) == len(worker.CONCURRENCY) == 2 * len(pids) else None

    async with workers(app):
        first = await eventually(all_by_one, what="both queues on a connection")
        await admin.execute("SELECT pg_terminate_backend(%s)", [first])

        async def another() -> bool:
            return await all_by_one() not in (first, None)

        await eventually(another, what="a connection in place of the lost one")


@pytest.fixture
def run_jobs(app):
    async def run_jobs() -> None:
        await app.run_worker_async(install_signal_handlers=False, wait=False, concurrency=1)

    return run_jobs


async def defer_create(database, who, sample: str) -> None:
    async with database.unit(who) as unit:
        await unit.defer(timer_jobs.create, sample=sample)


async def test_job_that_two_workers_run_has_one_effect(database, member, admin, app, run_jobs):
    """Run two attempts at once, as when the first worker was cut off from the network for a while and continues."""
    who, sample = member(), str(uuid4())
    await defer_create(database, who, sample)

    async with lock_held(admin, sample):

        async def are_waiting(number: int) -> bool:
            found = await admin.execute(
                """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            )
            return (await found.fetchone())[0] == number

        first = asyncio.create_task(run_jobs())
        await eventually(lambda: are_waiting(1), what="the first attempt")
        await worker.retry_stalled(app, timeout=-1)
        second = asyncio.create_task(run_jobs())
        await eventually(lambda: are_waiting(2), what="the second attempt")
    await asyncio.gather(first, second, return_exceptions=True)
    assert await sample_contents(database, who) == ["created"]


async def test_job_whose_worker_died_after_its_commit_has_one_effect(database, member, admin, run_jobs):
    who = member()
    await defer_create(database, who, str(uuid4()))
    await run_jobs()
    await admin.execute(
        "UPDATE machinery.procrastinate_jobs SET status = 'todo' WHERE task_name = 'create' AND status = 'succeeded'"
    )
    await run_jobs()
    assert await job_value(admin, "count(*) FILTER (WHERE status = 'todo')", "create") == 0
    assert await sample_contents(database, who) == ["created"]
