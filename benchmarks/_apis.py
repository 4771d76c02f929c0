"""`python -m benchmarks._apis KIND PORT`: three implementations of the command of the benchmarks' service.

`ours` has a verified token, the agency scope and a unit of work. `session` executes the same statements with a plain
AsyncSession and without a token. `bare` executes one insert with psycopg. None of them has tracing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from solidary.language.notices import NOTICE_TYPE, notice_payload, notice_stream
from solidary.platform.database import outbox
from solidary.platform.database.engine import driver_url
from solidary.platform.database.scope import SET_SCOPE
from solidary.platform.settings import Settings
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks._sample_service import Sample, SampleIn, SampleOut, SampleRecorded, service

KINDS = ("ours", "session", "bare")
AGENCY, SUBJECT = UUID(int=7), UUID(int=8)


def with_session() -> FastAPI:
    """Return an API that executes the statements of a unit of work by hand: scope, row, outbox, commit."""
    app = FastAPI()
    engine = create_async_engine(driver_url(os.environ["SOLIDARY_DATABASE_APP"]), pool_size=10)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @app.post("/samples", status_code=201)
    async def post(body: SampleIn) -> SampleOut:
        id_ = uuid4()
        async with sessions() as session:
            scope = {"agency": str(AGENCY), "subject": str(SUBJECT), "duties": ""}
            await (await session.connection()).exec_driver_sql(SET_SCOPE, scope)
            session.add(Sample(id=id_, root=id_, content=body.content))
            await session.flush()
            event = SampleRecorded(sample_id=id_, number=1, content=body.content)
            payload = event.model_dump_json()
            row = {
                "id": [uuid4()],
                "aggregatetype": ["market.counts"],
                "aggregateid": [event.key],
                "type": [event.type],
                "payload": [payload],
                "agency": [AGENCY],
                "notice_stream": [notice_stream("market")],
                "notice": [notice_payload(event, payload, [AGENCY])],
                "notice_type": NOTICE_TYPE,
                "traceparent": None,
                "time": datetime.now(UTC),
            }
            await (await session.connection()).exec_driver_sql(outbox.INSERT_EVENTS, row)
            await session.commit()
        return SampleOut(id=id_, content=body.content)

    return app


def bare() -> FastAPI:
    """Return an API that executes one insert."""
    pool = AsyncConnectionPool(os.environ["SOLIDARY_DATABASE_ADMIN"], open=False, max_size=10)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/samples", status_code=201)
    async def post(body: SampleIn) -> SampleOut:
        id_ = uuid4()
        async with pool.connection() as connection:
            await connection.execute(
                "INSERT INTO data.sample (id, root, agency, recorded_by, content) VALUES (%s, %s, %s, %s, %s)",
                (id_, id_, AGENCY, SUBJECT, body.content),
            )
        return SampleOut(id=id_, content=body.content)

    return app


def _application(kind: str) -> FastAPI:
    if kind == "ours":
        return service.application(Settings())
    return with_session() if kind == "session" else bare()


if __name__ == "__main__":
    uvicorn.run(
        _application(sys.argv[1]), port=int(sys.argv[2]), log_config=None, access_log=False, lifespan="on"
    )
