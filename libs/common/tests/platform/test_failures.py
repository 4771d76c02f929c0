"""Failures of a service: transient ones are a 503 with Retry-After, others a 500 and an entry in the log."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

import pytest
from fastapi import APIRouter
from sample_service import Sample, create_sample, sample_application
from solidary.platform.database import UnitOfWork, engine
from solidary.platform.identity import Duty
from solidary.platform.web import agency
from solidary_testing.servers import api_client
from sqlalchemy import event, select, text

router = APIRouter(tags=["samples"])
FrontDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK)]


@router.get("/samples")
async def count(unit: FrontDesk) -> int:
    return len((await unit.session.scalars(select(Sample))).all())


@router.get("/samples/out-of-scope")
async def out_of_scope(unit: FrontDesk) -> int:
    await unit.leave_scope()
    return await count(unit)


@router.get("/samples/cut-off")
async def cut_off(unit: FrontDesk) -> int:
    await unit.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return await count(unit)


@pytest.fixture
def open_api(run, sample_database):
    @asynccontextmanager
    async def open_(**changes):
        app = sample_application(run, sample_database, router, **changes)
        async with api_client(app) as client:
            yield client, app.state.runtime.database

    return open_


@pytest.fixture
def desk(tokens):
    return tokens.of("unhcr", Duty.FRONT_DESK)


async def test_exhausted_pool_is_a_503_with_retry_after(open_api, desk, monkeypatch):
    monkeypatch.setattr(engine, "POOL_SECONDS", 0.1)
    async with open_api(pool_size=2) as (client, database), AsyncExitStack() as others:
        for _ in range(2):
            busy = await others.enter_async_context(database.session_without_scope())
            await busy.execute(text("SELECT 1"))
        answer = await client.get("/samples", headers=desk)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:busy")
    assert int(answer.headers["retry-after"]) > 0


async def test_closed_database_connection_is_a_503_with_retry_after(open_api, desk):
    async with open_api() as (client, _):
        answer = await client.get("/samples/cut-off", headers=desk)
        assert (answer.status_code, answer.json()["type"]) == (
            503,
            "urn:solidary:problem:database-unavailable",
        )
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/samples", headers=desk)).status_code == 200


async def test_unreachable_database_is_a_503_with_retry_after(open_api, desk):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        unreachable = f"postgresql://market_app@127.0.0.1:{unused.getsockname()[1]}/market"
        async with open_api(database_app=unreachable) as (client, _):
            answer = await client.get("/samples", headers=desk)
            ready = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:solidary:problem:database-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (ready.status_code, ready.json()["status"]) == (503, "database unavailable")


async def test_missing_scope_is_a_500_and_logged(open_api, desk, caplog, database, member):
    async with database.unit(member()) as unit:
        await create_sample(unit, "theirs")
    async with open_api() as (client, _):
        answer = await client.get("/samples/out-of-scope", headers=desk)
    assert answer.status_code == 500
    assert "a request failed" in caplog.text


async def test_simultaneous_readiness_requests_query_the_database_once(open_api):
    async with open_api() as (client, database):
        queries = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda connection, cursor, statement, *rest: queries.append(statement),
        )
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(queries) == 1
