"""`/health/live`: the process runs. `/health/ready`: its database answers; with what waits in it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from solidary.web.caller import public
from solidary.web.runtime import runtime

router = APIRouter(tags=["health"])

WAITING = text(
    """
    SELECT
        (SELECT extract(epoch FROM now() - min(time)) FROM machinery.outbox) AS oldest_unsent_seconds,
        (SELECT count(*) FROM machinery.parked_key) AS parked_keys,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'todo') AS waiting_jobs,
        (SELECT count(*) FROM machinery.procrastinate_jobs WHERE status = 'failed') AS failed_jobs
    """
)


@router.get("/health/live", summary="The process runs")
@public
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/health/ready", summary="The database answers; what waits in it")
@public
async def ready(request: Request) -> JSONResponse:
    """503 while the database cannot be reached. Counts only."""
    try:
        async with runtime(request).database.session_without_scope() as session:
            row = (await session.execute(WAITING)).one()
    except (SQLAlchemyError, OSError) as error:
        return JSONResponse({"status": "database unavailable", "error": type(error).__name__}, 503)
    waiting: dict[str, Any] = {name: value and float(value) for name, value in row._mapping.items()}
    return JSONResponse({"status": "ready", **waiting})
