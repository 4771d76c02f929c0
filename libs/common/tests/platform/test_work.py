"""Long work: asked for with its row, seen while it goes on, done once whatever happens to the worker."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import copying
import pytest
from fastapi import APIRouter, Response
from solidary.language.problems import Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.jobs import start_work, worker
from solidary.platform.jobs.work import Progress, Superseded, Work
from solidary.platform.web import WorkOut, accepted, agency
from solidary_testing import eventually
from solidary_testing.servers import api_client
from sqlalchemy import event, select, text
from toy import Letter, served

router = APIRouter(tags=["letters"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


@router.post("/letters/{letter}/copies", status_code=202)
async def copy(unit: FrontDesk, letter: UUID, response: Response) -> WorkOut:
    return accepted(await start_work(unit, copying.copy, letter=str(letter)), response)


@pytest.fixture
async def app(place, database) -> AsyncIterator[object]:
    bound = copying.bound(place.roles["app"], database)
    async with bound.open_async():
        yield bound


@pytest.fixture
def work_off(app):
    """Does what was asked for, until nothing is left that may be done now."""

    async def work_off(hands: int = 1) -> None:
        await app.run_worker_async(install_signal_handlers=False, wait=False, concurrency=hands)

    return work_off


@pytest.fixture
async def api(run, place):
    async with api_client(served(run, place, router, rate_limit="1000/minute")) as client:
        yield client


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def asked(database, who, job, **arguments) -> UUID:
    async with database.unit(who) as unit:
        return (await start_work(unit, job, letter=str(uuid4()), **arguments)).id


async def seen(database, who, work: UUID) -> Work:
    async with database.unit(who) as unit:
        return await unit.get(Work, work)


async def letters(database, who) -> list[str]:
    async with database.unit(who) as unit:
        return sorted((await unit.session.scalars(select(Letter.words))).all())


async def jobs(place, what: str = "count(*)") -> object:
    import psycopg

    async with await psycopg.AsyncConnection.connect(place.admin) as admin:
        row = await (
            await admin.execute(f"SELECT {what} FROM machinery.procrastinate_jobs".encode())
        ).fetchone()
    assert row is not None
    return row[0]


@asynccontextmanager
async def gate(place, letter: str):
    """Makes the copying of a letter wait in the middle."""
    import psycopg

    async with await psycopg.AsyncConnection.connect(place.admin, autocommit=True) as admin:
        await admin.execute("SELECT pg_advisory_lock(hashtext(%s))", [letter])
        yield admin


async def test_work_that_was_rolled_back_was_never_asked_for(database, member, place):
    before = await jobs(place)
    who = member()
    with pytest.raises(ZeroDivisionError):
        async with database.unit(who) as unit:
            work = await start_work(unit, copying.copy, letter=str(uuid4()))
            raise ZeroDivisionError
    assert await jobs(place) == before
    async with database.unit(who) as unit:
        assert await unit.session.get(Work, work.id) is None


async def test_who_asks_is_told_where_to_look_and_finds_the_result_there(api, desk, work_off, tokens):
    letter = uuid4()
    answer = await api.post(f"/letters/{letter}/copies", headers=desk)
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    place = answer.headers["location"]
    assert answer.json() == (await api.get(place, headers=desk)).json()
    shown = answer.json()
    assert (shown["state"], shown["kind"], shown["done"], shown["finished"]) == ("running", "copy", 0, None)
    await work_off()
    shown = (await api.get(place, headers=desk)).json()
    assert (shown["state"], shown["done"], shown["total"]) == ("done", 2, 2)
    assert (shown["result"], shown["failure"]) == (f"/letters/{letter}", None)
    assert (await api.get(place, headers=tokens.of("iom", *Duty))).status_code == 404


async def test_the_list_leads_through_the_agencys_work_the_newest_first(api, tokens):
    mine, theirs = tokens.of("casa-abierta", Duty.FRONT_DESK), tokens.of("chorrera", Duty.FRONT_DESK)
    made = [(await api.post(f"/letters/{uuid4()}/copies", headers=mine)).json()["id"] for _ in range(5)]
    await api.post(f"/letters/{uuid4()}/copies", headers=theirs)
    listed, after = [], None
    while True:
        page = (
            await api.get("/work", params={"limit": 2} | ({"after": after} if after else {}), headers=mine)
        ).json()
        listed += [work["id"] for work in page["items"]]
        if (after := page["next"]) is None:
            break
    assert listed == made[::-1]


async def test_asked_twice_with_one_key_it_is_one_work(api, tokens, place):
    keyed = tokens.of("manos-vecinas", Duty.FRONT_DESK) | {"Idempotency-Key": str(uuid4())}
    before = await jobs(place)
    letter = uuid4()
    answers = await asyncio.gather(*(api.post(f"/letters/{letter}/copies", headers=keyed) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await jobs(place) == before + 1


async def test_progress_is_seen_while_the_works_own_transaction_is_open(
    database, member, place, work_off, monkeypatch
):
    monkeypatch.setattr("solidary.platform.jobs.work.REPORT_SECONDS", 0)
    who, letter = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copying.copy, letter=letter)
    async with gate(place, letter):
        working = asyncio.create_task(work_off())

        async def halfway() -> bool:
            shown = await seen(database, who, work.id)
            return (shown.done, shown.total, shown.finished) == (1, 2, None)

        await eventually(halfway, what="half of the work")
        assert await letters(database, who) == []
    await working
    assert (await seen(database, who, work.id)).finished is not None
    assert await letters(database, who) == ["a copy", "a copy"]


@pytest.mark.parametrize(
    ("job", "arguments", "said"),
    [
        (
            copying.burn,
            {},
            {
                "type": "urn:solidary:problem:not-allowed",
                "title": "This is not allowed now",
                "status": 409,
                "detail": "letters do not burn",
                "errors": [{"pointer": "/letter", "detail": "is of paper that does not burn"}],
            },
        ),
        (
            copying.copy,
            {"words": ""},
            Invalid().document,
        ),
    ],
)
async def test_a_refusal_ends_the_work_at_once_with_the_words_a_request_would_get(
    database, member, work_off, job, arguments, said
):
    who = member()
    work = await asked(database, who, job, **arguments)
    await work_off()
    shown = await seen(database, who, work)
    assert (shown.failure, shown.finished is not None, shown.result) == (said, True, None)
    assert await letters(database, who) == []


async def test_a_failure_is_tried_again_and_told_at_the_last_without_its_words(
    database, member, place, work_off, app
):
    who = member()
    work = await asked(database, who, copying.crash)
    for attempt in range(worker.ATTEMPTS + 1):
        assert (await seen(database, who, work)).finished is None, attempt
        await app.connector.execute_query_all_async(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' RETURNING id"
        )
        await work_off()
    shown = await seen(database, who, work)
    assert shown.failure["type"] == "urn:solidary:problem:internal"
    assert "canary" not in str(shown.failure)
    assert await letters(database, who) == []


async def test_a_lock_means_never_twice_at_once(database, member, place, app):
    who, letter = member(), str(uuid4())
    for _ in range(3):
        async with database.unit(who) as unit:
            await start_work(unit, copying.copy, letter=letter)
    async with gate(place, letter):
        stop = asyncio.Event()
        workers = [asyncio.create_task(worker.run(app, stop, copying.PULSE)) for _ in range(2)]

        async def waits() -> bool:
            return (
                await jobs(place, "count(*) FILTER (WHERE status = 'doing' AND lock = '" + letter + "')") == 1
            )

        await eventually(waits, what="one of the three")
        another = await asked(database, who, copying.copy)

        async def done() -> bool:
            return (await seen(database, who, another)).finished is not None

        await eventually(done, what="the work under another lock")
        assert await waits()

    async def all_done() -> bool:
        return len(await letters(database, who)) == 8

    await eventually(all_done, what="all of the work, one after the other")
    stop.set()
    await asyncio.gather(*workers)


async def test_a_killed_workers_job_is_done_by_another_and_once(database, member, place, app):
    who, letter = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copying.copy, letter=letter)
    program = [sys.executable, str(Path(copying.__file__)), place.roles["app"]]
    async with gate(place, letter):
        killed = await asyncio.create_subprocess_exec(*program)

        async def midway() -> bool:
            return await jobs(place, "bool_or(status = 'doing' AND lock = '" + letter + "')") and bool(
                (await seen(database, who, work.id)).total
            )

        await eventually(midway, within=180, what="the first worker, in the middle of it")
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    stop = asyncio.Event()
    other = asyncio.create_task(worker.run(app, stop, copying.PULSE))

    async def done() -> bool:
        return (await seen(database, who, work.id)).finished is not None

    await eventually(done, what="the other worker's end of it")
    stop.set()
    await other
    assert await letters(database, who) == ["a copy", "a copy"]
    assert await jobs(place, "max(attempts) FILTER (WHERE lock = '" + letter + "')") == 2


async def test_a_worker_goes_on_when_the_database_comes_back(database, member, place, app):
    who, letter = member(), str(uuid4())
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(app, stop, copying.PULSE))
    async with database.unit(who) as unit:
        work = await start_work(unit, copying.copy, letter=letter)
    async with gate(place, letter) as admin:

        async def midway() -> bool:
            return bool((await seen(database, who, work.id)).total)

        await eventually(midway, what="the work, in the middle of it")
        await admin.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    await database.engine.dispose()

    async def done() -> bool:
        return (await seen(database, who, work.id)).finished is not None

    await eventually(done, what="the end of the work")
    stop.set()
    await running
    assert await letters(database, who) == ["a copy", "a copy"]


async def test_work_whose_worker_dies_each_time_is_given_up(database, member, app, work_off):
    who = member()
    work = await asked(database, who, copying.copy)
    await app.connector.execute_query_all_async(
        "UPDATE procrastinate_jobs SET attempts = 6 WHERE args->>'work' = %(work)s RETURNING id",
        work=str(work),
    )
    await work_off()
    assert "The worker ended" in (await seen(database, who, work)).failure["detail"]
    assert await letters(database, who) == []


async def test_of_two_attempts_at_once_only_one_comes_to_be(database, member, place, app, work_off):
    """The first was cut off from the database for a while, and goes on when the second is done."""
    who, letter = member(), str(uuid4())
    async with database.unit(who) as unit:
        work = await start_work(unit, copying.copy, letter=letter)
    with pytest.raises(Superseded):
        async with database.unit(who) as cut_off:
            progress = Progress(database, who, work.id)
            await copying.copy.function(cut_off, progress, letter=letter)
            await work_off()
            await progress.finish(cut_off, None)
    assert await letters(database, who) == ["a copy", "a copy"]


async def test_what_asking_and_reporting_cost_in_statements(database, member):
    statements: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    who = member()
    async with database.unit(who) as unit:
        work = await start_work(unit, copying.copy, letter=str(uuid4()))
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT"]
    statements.clear()
    progress = Progress(database, who, work.id)
    await progress.report(1, 10)
    await progress.report(2, 10)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE"]


async def test_an_end_is_written_once_and_stays(database, member):
    who = member()
    work = await asked(database, who, copying.copy)
    async with database.unit(who) as unit:
        await Progress(database, who, work).finish(unit, "/here")
    with pytest.raises(Superseded):
        async with database.unit(who) as unit:
            await Progress(database, who, work).finish(unit, "/there")
    with pytest.raises(Exception, match="permission denied"):
        async with database.unit(who) as unit:
            await unit.session.execute(text("DELETE FROM data.work"))
    assert (await seen(database, who, work)).result == "/here"
