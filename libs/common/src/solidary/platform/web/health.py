"""`/health/live`: the process runs. `/health/ready`: its database answers; with its backlog.

Everybody may call them, as often as they like: for some seconds all callers get the same response.
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
from solidary.platform.messaging.backlog import read_backlog
from solidary.platform.web.access import public
from solidary.platform.web.runtime import runtime

router = APIRouter(tags=["health"])
FRESH_SECONDS = 2.0


@dataclass
class Readiness:
    """The last readiness of one process and its time of expiry; one request at a time asks the database."""

    status: int = 503
    body: dict[str, Any] = field(default_factory=dict)
    expires: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self, database: Database | None) -> None:
        """Ask the database again where the last readiness has expired; a service without one is always ready."""
        if database is None:
            self.status, self.body = 200, {"status": "ready"}
            return
        async with self.lock:
            if time.monotonic() < self.expires:
                return
            try:
                backlog = await read_backlog(database)
                self.status, self.body = 200, {"status": "ready", **asdict(backlog)}
            except (SQLAlchemyError, OSError) as error:
                self.status = 503
                self.body = {"status": "database unavailable", "error": type(error).__name__}
            self.expires = time.monotonic() + FRESH_SECONDS


@router.get("/health/live", summary="Check that the process runs")
@public
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/health/ready", summary="Check that the database answers, and read the service's backlog")
@public
async def ready(request: Request) -> JSONResponse:
    """503 while the database cannot be reached. The backlog is counts only and may be two seconds old."""
    readiness = request.app.state.readiness
    await readiness.refresh(runtime(request).opened_database)
    return JSONResponse(readiness.body, readiness.status)
