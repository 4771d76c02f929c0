"""Timers and short jobs, through procrastinate itself: a tick is one worker's, and a job has one effect."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import ticking
from solidary.platform.jobs import worker
from solidary_testing import eventually
from sqlalchemy import select
from toy import Letter


@pytest.fixture
async def app(place, database):
    bound = ticking.bound(place.roles["app"], database)
    async with bound.open_async():
        yield bound


@asynccontextmanager
async def workers(*apps) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for app in apps:
            tasks.create_task(worker.run(app, stop, ticking.PULSE))
        try:
            yield
        finally:
            stop.set()


@asynccontextmanager
async def gate(admin, name: str):
    """Makes what runs under this name wait in the middle."""
    await admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
    try:
        yield
    finally:
        await admin.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


async def told(admin, what: str, task: str) -> object:
    found = await admin.execute(
        f"SELECT {what} FROM machinery.procrastinate_jobs WHERE task_name = %s", [task]
    )
    return (await found.fetchone())[0]


async def letters(database, who) -> list[str]:
    async with database.unit(who) as unit:
        return sorted((await unit.session.scalars(select(Letter.words))).all())


async def test_what_the_clock_asks_for_is_done_once_by_two_workers(place, database, admin, app):
    other = ticking.bound(place.roles["app"], database)
    async with other.open_async(), workers(app, other):

        async def ticked() -> bool:
            return await told(admin, "count(*) FILTER (WHERE status = 'succeeded')", "tick") >= 3

        await eventually(ticked, what="three ticks")
    times, distinct, attempts = (
        await told(admin, "count(*)", "tick"),
        await told(admin, "count(DISTINCT args ->> 'timestamp')", "tick"),
        await told(admin, "max(attempts)", "tick"),
    )
    assert (distinct, attempts) == (times, 1)


async def test_a_tick_that_takes_long_has_no_second_beside_it_and_one_behind_it(place, database, admin, app):
    other = ticking.bound(place.roles["app"], database)
    async with other.open_async(), workers(app, other), gate(admin, "tick"):

        async def one_waits() -> bool:
            return await told(admin, "count(*) FILTER (WHERE status = 'todo')", "tick") == 1

        await eventually(one_waits, what="the tick behind")
        age = "extract(epoch FROM now()) - max((args ->> 'timestamp')::int)"

        async def two_more_are_due() -> bool:
            return await told(admin, age, "tick") > 3

        await eventually(two_more_are_due, what="the times of two more")
        assert await told(admin, "count(*) FILTER (WHERE status = 'doing')", "tick") == 1
        assert await one_waits()


async def test_a_tick_whose_worker_died_is_let_go_and_the_next_one_comes(place, admin, app):
    async with gate(admin, "tick"):
        program = [sys.executable, str(Path(ticking.__file__)), place.roles["app"]]
        killed = await asyncio.create_subprocess_exec(*program)

        async def midway() -> object:
            return await told(admin, "max(id) FILTER (WHERE status = 'doing')", "tick")

        stalled = await eventually(midway, within=180, what="a tick in the middle")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    async with workers(app):

        async def next_one() -> object:
            return await told(admin, f"bool_or(id > {stalled} AND status = 'succeeded')", "tick")

        await eventually(next_one, what="a later tick")
    assert await told(admin, f"max(status::text) FILTER (WHERE id = {stalled})", "tick") == "aborted"


@pytest.fixture
def work_off(app):
    async def work_off() -> None:
        await app.run_worker_async(install_signal_handlers=False, wait=False, concurrency=1)

    return work_off


async def ask(database, who, letter: str) -> None:
    async with database.unit(who) as unit:
        await unit.defer(ticking.post, letter=letter)


async def test_a_job_that_two_workers_took_up_has_one_effect(database, member, admin, app, work_off):
    """The first worker was silent for a while, as when its machine was cut off, and goes on."""
    who, letter = member(), str(uuid4())
    await ask(database, who, letter)

    async with gate(admin, letter):

        async def at_the_gate(many: int) -> bool:
            found = await admin.execute(
                """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            )
            return (await found.fetchone())[0] == many

        first = asyncio.create_task(work_off())
        await eventually(lambda: at_the_gate(1), what="the first attempt")
        await worker.retry_stalled(app, timeout=-1)
        second = asyncio.create_task(work_off())
        await eventually(lambda: at_the_gate(2), what="the second attempt")
    await asyncio.gather(first, second, return_exceptions=True)
    assert await letters(database, who) == ["posted"]


async def test_a_job_whose_worker_died_after_its_commit_has_one_effect(database, member, admin, work_off):
    who = member()
    await ask(database, who, str(uuid4()))
    await work_off()
    await admin.execute(
        "UPDATE machinery.procrastinate_jobs SET status = 'todo' WHERE task_name = 'post' AND status = 'succeeded'"
    )
    await work_off()
    assert await told(admin, "count(*) FILTER (WHERE status = 'todo')", "post") == 0
    assert await letters(database, who) == ["posted"]
