"""Long work: started with its row, visible while it runs, done once whatever happens to its worker."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import copy_jobs
import pytest
from fastapi import APIRouter, Response
from sample_service import Sample, sample_application
from solidary.language.problems import Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.jobs import start_work, worker
from solidary.platform.jobs.work import Progress, Superseded, Work
from solidary.platform.web import WorkOut, accepted, agency
from solidary_testing import eventually
from solidary_testing.servers import api_client
from sqlalchemy import event, select, text

router = APIRouter(tags=["samples"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


@router.post("/samples/{sample}/copies", status_code=202)
async def copy(unit: FrontDesk, sample: UUID, response: Response) -> WorkOut:
    return accepted(await start_work(unit, copy_jobs.copy, sample=str(sample)), response)


@pytest.fixture
async def app(sample_database, database) -> AsyncIterator[object]:
    bound = copy_jobs.bind_jobs(sample_database.roles["app"], database)
    async with bound.open_async():
        yield bound


@pytest.fixture
def run_jobs(app):
    """Return a function that runs the jobs that are due, until none is left."""

    async def run_jobs(concurrency: int = 1) -> None:
        await app.run_worker_async(install_signal_handlers=False, wait=False, concurrency=concurrency)

    return run_jobs


@pytest.fixture
async def api(run, sample_database):
    async with api_client(
        sample_application(run, sample_database, router, rate_limit="1000/minute")
    ) as client:
        yield client


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def start(database, who, job, **arguments) -> UUID:
    async with database.unit(who) as unit:
        return (await start_work(unit, job, sample=str(uuid4()), **arguments)).id


async def read_work(database, who, work: UUID) -> Work:
    async with database.unit(who) as unit:
        return await unit.get(Work, work)


async def sample_contents(database, who) -> list[str]:
    async with database.unit(who) as unit:
        return sorted((await unit.session.scalars(select(Sample.content))).all())


async def job_value(sample_database, expression: str = "count(*)") -> object:
    import psycopg

    async with await psycopg.AsyncConnection.connect(sample_database.admin) as admin:
        row = await (
            await admin.execute(f"SELECT {expression} FROM machinery.procrastinate_jobs".encode())
        ).fetchone()
    assert row is not None
    return row[0]


@asynccontextmanager
async def lock_held(sample_database, sample: str):
    """Make the copying of a sample wait in the middle within the block."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(sample_database.admin, autocommit=True) as admin:
        await admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [sample])
        yield admin


async def test_work_of_a_rolled_back_transaction_is_not_deferred(database, member, sample_database):
    before = await job_value(sample_database)
    who = member()
    with pytest.raises(ZeroDivisionError):
        async with database.unit(who) as unit:
            work = await start_work(unit, copy_jobs.copy, sample=str(uuid4()))
            raise ZeroDivisionError
    assert await job_value(sample_database) == before
    async with database.unit(who) as unit:
        assert await unit.session.get(Work, work.id) is None


async def test_location_of_accepted_work_shows_its_progress_and_its_result(api, desk, run_jobs, tokens):
    sample = uuid4()
    answer = await api.post(f"/samples/{sample}/copies", headers=desk)
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    location = answer.headers["location"]
    assert answer.json() == (await api.get(location, headers=desk)).json()
    shown = answer.json()
    assert (shown["state"], shown["kind"], shown["done"], shown["finished"]) == ("running", "copy", 0, None)
    await run_jobs()
    shown = (await api.get(location, headers=desk)).json()
    assert (shown["state"], shown["done"], shown["total"]) == ("done", 2, 2)
    assert (shown["result"], shown["failure"]) == (f"/samples/{sample}", None)
    assert (await api.get(location, headers=tokens.of("iom", *Duty))).status_code == 404


async def test_list_shows_the_agencys_work_newest_first(api, tokens):
    own, others = tokens.of("casa-abierta", Duty.FRONT_DESK), tokens.of("chorrera", Duty.FRONT_DESK)
    created = [(await api.post(f"/samples/{uuid4()}/copies", headers=own)).json()["id"] for _ in range(5)]
    await api.post(f"/samples/{uuid4()}/copies", headers=others)
    listed, after = [], None
    while True:
        page = (
            await api.get("/work", params={"limit": 2} | ({"after": after} if after else {}), headers=own)
        ).json()
        listed += [work["id"] for work in page["items"]]
        if (after := page["next"]) is None:
            break
    assert listed == created[::-1]


async def test_repeated_request_with_one_key_starts_one_work(api, tokens, sample_database):
    keyed = tokens.of("manos-vecinas", Duty.FRONT_DESK) | {"Idempotency-Key": str(uuid4())}
    before = await job_value(sample_database)
    sample = uuid4()
    answers = await asyncio.gather(*(api.post(f"/samples/{sample}/copies", headers=keyed) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await job_value(sample_database) == before + 1


async def test_progress_is_visible_while_the_works_transaction_is_open(
    database, member, sample_database, run_jobs, monkeypatch
):
    monkeypatch.setattr("solidary.platform.jobs.work.REPORT_SECONDS", 0)
    who, sample = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copy_jobs.copy, sample=sample)
    async with lock_held(sample_database, sample):
        jobs = asyncio.create_task(run_jobs())

        async def is_halfway() -> bool:
            shown = await read_work(database, who, work.id)
            return (shown.done, shown.total, shown.finished) == (1, 2, None)

        await eventually(is_halfway, what="half of the work")
        assert await sample_contents(database, who) == []
    await jobs
    assert (await read_work(database, who, work.id)).finished is not None
    assert await sample_contents(database, who) == ["a copy", "a copy"]


@pytest.mark.parametrize(
    ("job", "arguments", "failure"),
    [
        (
            copy_jobs.refuse,
            {},
            {
                "type": "urn:solidary:problem:not-allowed",
                "title": "This is not allowed now",
                "status": 409,
                "detail": "This sample cannot be copied.",
                "errors": [{"pointer": "/sample", "detail": "This sample is fixed."}],
            },
        ),
        (
            copy_jobs.copy,
            {"content": ""},
            Invalid().document,
        ),
    ],
)
async def test_problem_ends_the_work_at_once_as_its_failure(
    database, member, run_jobs, job, arguments, failure
):
    who = member()
    work = await start(database, who, job, **arguments)
    await run_jobs()
    shown = await read_work(database, who, work)
    assert (shown.failure, shown.finished is not None, shown.result) == (failure, True, None)
    assert await sample_contents(database, who) == []


async def test_work_that_needs_too_much_memory_fails_at_once(database, member, run_jobs):
    who = member()
    work = await start(database, who, copy_jobs.exhaust)
    await run_jobs()
    assert (await read_work(database, who, work)).failure["type"] == "urn:solidary:problem:work-too-large"


def test_process_has_a_ceiling_of_memory():
    program = """
from solidary.platform.process import limit_memory
limit_memory(512)
bytearray(200 << 20)
try:
    bytearray(600 << 20)
except MemoryError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


async def test_failing_work_is_repeated_and_ends_without_showing_its_cause(
    database, member, sample_database, run_jobs, app
):
    who = member()
    work = await start(database, who, copy_jobs.fail)
    for attempt in range(worker.ATTEMPTS + 1):
        assert (await read_work(database, who, work)).finished is None, attempt
        await app.connector.execute_query_all_async(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' RETURNING id"
        )
        await run_jobs()
    shown = await read_work(database, who, work)
    assert shown.failure["type"] == "urn:solidary:problem:internal"
    assert "canary" not in str(shown.failure)
    assert await sample_contents(database, who) == []


async def test_jobs_with_one_lock_never_run_at_once(database, member, sample_database, app):
    who, sample = member(), str(uuid4())
    for _ in range(3):
        async with database.unit(who) as unit:
            await start_work(unit, copy_jobs.copy, sample=sample)
    async with lock_held(sample_database, sample):
        stop = asyncio.Event()
        workers = [asyncio.create_task(worker.run(app, stop, copy_jobs.PATIENT_HEARTBEAT)) for _ in range(2)]

        async def is_running() -> bool:
            return (
                await job_value(
                    sample_database, "count(*) FILTER (WHERE status = 'doing' AND lock = '" + sample + "')"
                )
                == 1
            )

        await eventually(is_running, what="one of the three jobs")
        another = await start(database, who, copy_jobs.copy)

        async def done() -> bool:
            return (await read_work(database, who, another)).finished is not None

        await eventually(done, what="the work under another lock")
        assert await is_running()

    async def all_done() -> bool:
        return len(await sample_contents(database, who)) == 8

    await eventually(all_done, what="all jobs, one after the other")
    stop.set()
    await asyncio.gather(*workers)


async def test_job_of_a_killed_worker_is_done_once_by_another_worker(database, member, sample_database, app):
    who, sample = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copy_jobs.copy, sample=sample)
    program = [sys.executable, str(Path(copy_jobs.__file__)), sample_database.roles["app"]]
    async with lock_held(sample_database, sample):
        killed = await asyncio.create_subprocess_exec(*program)

        async def is_halfway() -> bool:
            return await job_value(
                sample_database, "bool_or(status = 'doing' AND lock = '" + sample + "')"
            ) and bool((await read_work(database, who, work.id)).total)

        await eventually(is_halfway, within=180, what="the first worker halfway")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    stop = asyncio.Event()
    other = asyncio.create_task(worker.run(app, stop, copy_jobs.HEARTBEAT))

    async def done() -> bool:
        return (await read_work(database, who, work.id)).finished is not None

    await eventually(done, what="the end of the work")
    stop.set()
    await other
    assert await sample_contents(database, who) == ["a copy", "a copy"]
    assert await job_value(sample_database, "max(attempts) FILTER (WHERE lock = '" + sample + "')") == 2


async def test_worker_continues_after_losing_the_database(database, member, sample_database, app):
    who, sample = member(), str(uuid4())
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(app, stop, copy_jobs.HEARTBEAT))
    async with database.unit(who) as unit:
        work = await start_work(unit, copy_jobs.copy, sample=sample)
    async with lock_held(sample_database, sample) as admin:

        async def is_halfway() -> bool:
            return bool((await read_work(database, who, work.id)).total)

        await eventually(is_halfway, what="the work halfway")
        await admin.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    await database.engine.dispose()

    async def done() -> bool:
        return (await read_work(database, who, work.id)).finished is not None

    await eventually(done, what="the end of the work")
    stop.set()
    await running
    assert await sample_contents(database, who) == ["a copy", "a copy"]


async def test_work_whose_worker_dies_in_each_attempt_fails(database, member, app, run_jobs):
    who = member()
    work = await start(database, who, copy_jobs.copy)
    await app.connector.execute_query_all_async(
        "UPDATE procrastinate_jobs SET attempts = 6 WHERE args->>'work' = %(work)s RETURNING id",
        work=str(work),
    )
    await run_jobs()
    assert "The worker ended" in (await read_work(database, who, work)).failure["detail"]
    assert await sample_contents(database, who) == []


async def test_only_one_of_two_simultaneous_attempts_commits(
    database, member, sample_database, app, run_jobs
):
    """Let an attempt continue after a second one has ended the work, as when it was cut off from the network."""
    who, sample = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copy_jobs.copy, sample=sample)
    with pytest.raises(Superseded):
        async with database.unit(who) as first:
            progress = Progress(database, who, work.id)
            await copy_jobs.copy.function(first, progress, sample=sample)
            await run_jobs()
            await progress.finish(first, None)
    assert await sample_contents(database, who) == ["a copy", "a copy"]


async def test_starting_and_reporting_cost_few_statements(database, member):
    statements: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    who = member()
    async with database.unit(who) as unit:
        work = await start_work(unit, copy_jobs.copy, sample=str(uuid4()))
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT"]
    statements.clear()
    progress = Progress(database, who, work.id)
    await progress.report(1, 10)
    await progress.report(2, 10)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE"]


async def test_end_of_work_is_written_once(database, member):
    who = member()
    work = await start(database, who, copy_jobs.copy)
    async with database.unit(who) as unit:
        await Progress(database, who, work).finish(unit, "/here")
    with pytest.raises(Superseded):
        async with database.unit(who) as unit:
            await Progress(database, who, work).finish(unit, "/there")
    with pytest.raises(Exception, match="permission denied"):
        async with database.unit(who) as unit:
            await unit.session.execute(text("DELETE FROM data.work"))
    assert (await read_work(database, who, work)).result == "/here"
