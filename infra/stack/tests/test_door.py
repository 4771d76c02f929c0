"""The front door by itself, by http and by https: a request that names another host gets the right address only."""

from __future__ import annotations

import asyncio
import ssl
import sysconfig
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from solidary_testing import eventually
from stack.door import Door
from stack.ports import HOST, find_free_port

OTHER_HOSTS = ("evil.example", "evil.example:443", "127.0.0.2", "localhost", "[::1]")


@pytest.fixture(params=["http", "https"])
async def door(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Door, httpx.AsyncClient]]:
    """A running front door with nothing behind it, and a client that trusts its certificate."""
    door = Door(
        address=f"{request.param}://{HOST}:{find_free_port(set())}",
        listen=HOST,
        services={"intake": f"http://{HOST}:1"},
        keycloak=f"http://{HOST}:1",
        site=tmp_path / "site",
        storage=tmp_path / "storage",
    )
    for name, text in door.pages().items():
        (door.site / name).parent.mkdir(parents=True, exist_ok=True)
        (door.site / name).write_text(text, encoding="utf-8")
    file, root = tmp_path / "caddyfile", tmp_path / "storage/pki/authorities/local/root.crt"
    file.write_text(door.configuration(), encoding="utf-8")
    program = Path(sysconfig.get_path("scripts")) / "caddy"
    command = [str(program), "run", "--adapter", "caddyfile", "--config", str(file)]
    running = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)

    async def client_of_door() -> httpx.AsyncClient | None:
        try:
            verify = ssl.create_default_context(cafile=root) if door.is_local_tls else True
            client = httpx.AsyncClient(base_url=door.address, verify=verify, trust_env=False, timeout=30)
            return client if (await client.get("/api/")).is_success else None
        except (httpx.TransportError, FileNotFoundError):
            return None  # the authority is made at the first start

    try:
        client = await eventually(client_of_door, what="the front door")
        yield door, client
        await client.aclose()
    finally:
        running.terminate()
        await running.wait()


async def test_request_that_names_another_host_is_refused_and_learns_the_address(door):
    described, client = door
    for host in OTHER_HOSTS:
        for path in ("/", "/api/intake/v1/", "/auth/realms/solidary/account", "/nothing"):
            for method in ("GET", "POST"):
                answer = await client.request(method, path, headers={"Host": host})
                assert answer.status_code == 421, (host, path)
                assert described.address in answer.json()["detail"]
                assert host not in answer.text
    assert (await client.get("/api/")).status_code == 200
