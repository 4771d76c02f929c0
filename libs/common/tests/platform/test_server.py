"""The server of a process, as a connection of a front door sees it."""

from __future__ import annotations

import asyncio
import gc

import httpx
import uvicorn
from fastapi import FastAPI
from solidary.platform.web.server import KEEP_ALIVE_SECONDS, Server, server_settings
from solidary_testing import eventually

FRONT_DOOR_SECONDS = 120
"""The longest that a common front door keeps an idle connection to a service (Caddy's default)."""


async def test_idle_connection_is_kept_longer_than_by_a_front_door() -> None:
    server = Server(uvicorn.Config(FastAPI(), **server_settings("127.0.0.1", 0)))
    serving = asyncio.create_task(server.serve())

    async def has_started() -> bool:
        return server.started

    frozen = gc.get_freeze_count()
    await eventually(has_started, what="the start of the server")
    assert gc.get_freeze_count() > frozen, "a collection visits nothing that lives as long as the process"
    gc.unfreeze()
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/")
        (connection,) = server.server_state.connections
        assert connection._deadline is None
        closing = connection.timeout_keep_alive_task.when() - asyncio.get_running_loop().time()
    assert FRONT_DOOR_SECONDS < closing <= KEEP_ALIVE_SECONDS
    server.should_exit = True
    await serving
