"""`/health/live`: the process runs. `/health/ready`: its database answers; with what waits in it."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from solidary.messaging.waiting import waiting
from solidary.web.caller import public
from solidary.web.runtime import runtime

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="The process runs")
@public
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/health/ready", summary="The database answers; what waits in it")
@public
async def ready(request: Request) -> JSONResponse:
    """503 while the database cannot be reached. Counts only."""
    try:
        found = await waiting(runtime(request).database)
    except (SQLAlchemyError, OSError) as error:
        return JSONResponse({"status": "database unavailable", "error": type(error).__name__}, 503)
    return JSONResponse({"status": "ready", **asdict(found)})
