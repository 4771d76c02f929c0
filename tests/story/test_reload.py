"""A developer works on one service while the others run (`make reload SERVICE=market`)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import market
import psutil
import pytest
from solidary_testing import eventually
from stack.platform import ROLES
from stack.services import SERVICES

COMMAND = [sys.executable, "-m", "stack", "reload", "market"]


@pytest.fixture
def platform(told, stack):
    """The platform of the story, on servers that `python -m stack` finds."""
    return told.platform


@pytest.fixture
def reloading(platform, tmp_path):
    """The command, as in another terminal; what it prints is in `said`."""
    said = tmp_path / "said"
    environment = os.environ | {"SOLIDARY_STATE": str(platform.stack.folder)}
    with said.open("wb") as output, subprocess.Popen(COMMAND, stdout=output, env=environment) as command:
        yield command, said
        command.terminate()
    platform.up()


def processes(platform, services) -> dict[str, int]:
    return {service: platform.stack.processes.find(service).pid for service in services}


def with_reload(platform) -> bool:
    return all("--reload" in words(platform.stack.processes.find(f"market-{role}")) for role in ROLES)


def inner(platform, role: str) -> set[int]:
    """The process that the reloader starts anew, once it has said something: then its code is read."""
    children = platform.stack.processes.find(f"market-{role}").children()
    return {child.pid for child in children if is_code(child) and log_of(platform, role, child.pid).exists()}


def log_of(platform, role: str, pid: int) -> Path:
    return platform.stack.folder / "telemetry" / f"logs-market-{role}-{pid}.jsonl"


def is_code(process: psutil.Process) -> bool:
    return any("spawn_main" in word for word in words(process))


def words(process: psutil.Process | None) -> list[str]:
    """A process's command line; none of one that is ending just now."""
    with suppress(psutil.Error):
        return process.cmdline() if process else []
    return []


def change_the_code() -> None:
    Path(market.__file__).touch()


async def answers(platform, *, reload: bool) -> bool:
    """Whether market's API answers, from processes with or without `--reload`."""
    if with_reload(platform) is not reload:
        return False
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(f"{platform.run.services['market']}/health/ready")).is_success
    except httpx.TransportError:
        return False


async def test_one_service_starts_anew_when_its_code_changes_while_the_others_run(platform, reloading):
    command, said = reloading
    others = [service for service in SERVICES if service != "market"]
    running = processes(platform, others)
    await eventually(lambda: answers(platform, reload=True), within=60, what="market's API, with reload")
    before: dict[str, set[int]] = {}

    async def renewed() -> bool:
        after = {role: inner(platform, role) for role in ROLES}
        return all(after[role] and after[role].isdisjoint(before.get(role, ())) for role in ROLES)

    await eventually(renewed, within=60, what="market's processes")
    before = {role: inner(platform, role) for role in ROLES}

    change_the_code()
    await eventually(renewed, within=60, what="market's processes of the changed code")
    await eventually(lambda: answers(platform, reload=True), within=60, what="market's API of that code")
    (api,) = inner(platform, "api")
    lines = [json.loads(line) for line in log_of(platform, "api", api).read_text().splitlines()]
    assert {(line["service"], line["role"]) for line in lines} == {("market", "api")}
    # The reloader itself may say, in words, that it had to kill a process that did not end.
    told = [json.loads(line) for line in said.read_text().splitlines() if line.startswith("{")]
    assert {line["service"] for line in told} <= {"market"}

    command.send_signal(signal.SIGINT)
    assert command.wait(60) == 0
    assert await answers(platform, reload=False), "given back as it was"
    assert processes(platform, others) == running, "everybody else went on"
