"""When a service itself cannot: the caller learns to come again, or that it failed; the log learns why."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import pytest
from fastapi import APIRouter
from solidary.platform.database import UnitOfWork, engine
from solidary.platform.identity import Duty
from solidary.platform.web import agency
from solidary_testing.servers import api_client
from sqlalchemy import event, select, text
from toy import Letter, served, write_letter

router = APIRouter(tags=["letters"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


@router.get("/letters")
async def count(unit: FrontDesk) -> int:
    return len((await unit.session.scalars(select(Letter))).all())


@router.get("/letters/out-of-scope")
async def out_of_scope(unit: FrontDesk) -> int:
    await unit.leave_scope()
    return await count(unit)


@router.get("/letters/cut-off")
async def cut_off(unit: FrontDesk) -> int:
    await unit.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return await count(unit)


@pytest.fixture
def opened(run, place):
    @asynccontextmanager
    async def open_(**changes):
        app = served(run, place, router, **changes)
        async with api_client(app) as client:
            yield client, app.state.runtime.database

    return open_


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def test_where_every_connection_is_in_use_the_caller_is_asked_to_come_again(opened, desk, monkeypatch):
    monkeypatch.setattr(engine, "POOL_SECONDS", 0.1)
    async with opened(pool_size=2) as (client, database), AsyncExitStack() as others:
        for _ in range(2):
            busy = await others.enter_async_context(database.session_without_scope())
            await busy.execute(text("SELECT 1"))
        answer = await client.get("/letters", headers=desk)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:busy")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_database_that_hangs_up_is_an_answer_to_come_again(opened, desk):
    async with opened() as (client, _):
        answer = await client.get("/letters/cut-off", headers=desk)
        assert (answer.status_code, answer.json()["type"]) == (
            503,
            "urn:solidary:problem:database-unavailable",
        )
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/letters", headers=desk)).status_code == 200


async def test_a_database_that_is_not_there_is_an_answer_to_come_again(opened, desk):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = f"postgresql://market_app@127.0.0.1:{nobody.getsockname()[1]}/market"
        async with opened(database_app=gone) as (client, _):
            answer = await client.get("/letters", headers=desk)
            ready = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:database-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (ready.status_code, ready.json()["status"]) == (503, "database unavailable")


async def test_a_scope_that_was_lost_is_our_failure_and_logged(opened, desk, caplog, database, member):
    async with database.unit(member()) as unit:
        await write_letter(unit, "theirs")
    async with opened() as (client, _):
        answer = await client.get("/letters/out-of-scope", headers=desk)
    assert answer.status_code == 500
    assert "a request failed" in caplog.text


async def test_whoever_asks_for_readiness_many_times_asks_the_database_once(opened):
    async with opened() as (client, database):
        asked = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda connection, cursor, statement, *rest: asked.append(statement),
        )
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(asked) == 1
