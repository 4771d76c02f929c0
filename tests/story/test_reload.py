"""A developer works on one service while the others run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import market
import pytest
from solidary.testing import eventually
from stack.platform import ROLES
from stack.services import SERVICES


@pytest.fixture
def platform(told) -> Iterator:
    """The platform of the story, with market as `make reload SERVICE=market` runs it."""
    for role in ROLES:
        told.platform.end("market", role)
        told.platform.start("market", role, "--reload")
    yield told.platform
    for role in ROLES:
        told.platform.end("market", role)
    told.platform.up()


def pid(platform, name: str) -> int:
    return platform.stack.processes.find(name).pid


def inner(platform, role: str) -> set[int]:
    """The process that the reloader starts anew, once it is there."""
    children = platform.stack.processes.find(f"market-{role}").children()
    return {child.pid for child in children if any("spawn_main" in part for part in child.cmdline())}


def change_the_code() -> None:
    Path(market.__file__).touch()


async def ready(platform) -> bool:
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(f"{platform.run.services['market']}/health/ready")).is_success
    except httpx.TransportError:
        return False


async def test_one_service_starts_anew_when_its_code_changes_while_the_others_run(platform):
    names = [f"{service}-{role}" for service in SERVICES for role in ROLES]
    processes = {name: pid(platform, name) for name in names}
    await eventually(lambda: ready(platform), within=60, what="market's API")
    before = {role: inner(platform, role) for role in ROLES}

    async def renewed() -> bool:
        after = {role: inner(platform, role) for role in ROLES}
        return all(after[role] and after[role].isdisjoint(before[role]) for role in ROLES)

    assert all(before.values())
    change_the_code()
    await eventually(renewed, within=60, what="market's processes of the changed code")
    await eventually(lambda: ready(platform), within=60, what="market's API of the changed code")
    assert {name: pid(platform, name) for name in names} == processes, "everybody else went on"

    (api,) = inner(platform, "api")
    logged = platform.stack.folder / "telemetry" / f"logs-market-api-{api}.jsonl"
    lines = [json.loads(line) for line in logged.read_text().splitlines()]
    assert {(line["service"], line["role"]) for line in lines} == {("market", "api")}
    said = (platform.stack.folder / "logs" / "market-api.log").read_text().splitlines()
    assert all(json.loads(line)["service"] == "market" for line in said), "no line in uvicorn's own manner"
