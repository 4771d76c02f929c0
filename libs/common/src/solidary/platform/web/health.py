"""`/health/live`: the process runs. `/health/ready`: its database answers; with what waits in it.

Everybody may ask, as often as they like: for some seconds all of them get the same answer.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from solidary.platform.database import Database
from solidary.platform.messaging.backlog import waiting
from solidary.platform.web.caller import public
from solidary.platform.web.runtime import runtime

router = APIRouter(tags=["health"])
FRESH_SECONDS = 2.0


@dataclass
class Readiness:
    """The last answer of one process, and when it was got; one request at a time asks the database."""

    status: int = 503
    said: dict[str, Any] = field(default_factory=dict)
    until: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, database: Database) -> None:
        async with self.asking:
            if time.monotonic() < self.until:
                return
            try:
                self.status, self.said = 200, {"status": "ready", **asdict(await waiting(database))}
            except (SQLAlchemyError, OSError) as error:
                self.status = 503
                self.said = {"status": "database unavailable", "error": type(error).__name__}
            self.until = time.monotonic() + FRESH_SECONDS


@router.get("/health/live", summary="The process runs")
@public
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/health/ready", summary="The database answers; what waits in it")
@public
async def ready(request: Request) -> JSONResponse:
    """503 while the database cannot be reached. Counts only, some seconds old."""
    readiness = request.app.state.readiness
    await readiness.look(runtime(request).database)
    return JSONResponse(readiness.said, readiness.status)
