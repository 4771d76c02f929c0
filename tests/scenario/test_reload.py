"""`make reload SERVICE=market` restarts one service whenever its code changes, while the others run."""

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
from solidary.platform.registry import service_names
from solidary_testing import eventually
from stack.platform import RELOADED

COMMAND = [sys.executable, "-m", "stack", "reload", "market"]


@pytest.fixture
def platform(scenario_run, stack):
    """The platform of the scenario, on servers that `python -m stack` finds."""
    return scenario_run.platform


@pytest.fixture
def reloading(platform, tmp_path):
    """The running command and the file with its output."""
    printed = tmp_path / "printed"
    environment = os.environ | {"SOLIDARY_STATE": str(platform.stack.folder)}
    with printed.open("wb") as output, subprocess.Popen(COMMAND, stdout=output, env=environment) as command:
        yield command, printed
        command.terminate()
    platform.up()


def processes(platform, services) -> dict[str, int]:
    return {service: platform.stack.processes.find(service).pid for service in services}


def with_reload(platform) -> bool:
    return all("--reload" in words(platform.stack.processes.find(f"market-{role}")) for role in RELOADED)


def inner(platform, role: str) -> set[int]:
    """Return the processes that the reloader has started, if they have written a log and so have read the code."""
    children = platform.stack.processes.find(f"market-{role}").children()
    return {child.pid for child in children if is_code(child) and log_of(platform, role, child.pid).exists()}


def log_of(platform, role: str, pid: int) -> Path:
    return platform.stack.folder / "telemetry" / f"logs-market-{role}-{pid}.jsonl"


def is_code(process: psutil.Process) -> bool:
    return any("spawn_main" in word for word in words(process))


def words(process: psutil.Process | None) -> list[str]:
    """Return a process's command line, which is empty for a process that has just ended."""
    with suppress(psutil.Error):
        return process.cmdline() if process else []
    return []


def change_the_code() -> None:
    Path(market.__file__).touch()


async def answers(platform, *, reload: bool) -> bool:
    """Return whether market's API answers, from processes with or without `--reload`."""
    if with_reload(platform) is not reload:
        return False
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(f"{platform.run.services['market']}/health/ready")).is_success
    except httpx.TransportError:
        return False


async def test_one_service_restarts_when_its_code_changes_while_the_others_run(platform, reloading):
    command, printed = reloading
    others = [service for service in service_names() if service != "market"]
    running = processes(platform, others)
    await eventually(lambda: answers(platform, reload=True), within=60, what="market's API, with reload")
    before: dict[str, set[int]] = {}

    async def renewed() -> bool:
        after = {role: inner(platform, role) for role in RELOADED}
        return all(after[role] and after[role].isdisjoint(before.get(role, ())) for role in RELOADED)

    await eventually(renewed, within=60, what="market's processes")
    before = {role: inner(platform, role) for role in RELOADED}

    change_the_code()
    await eventually(renewed, within=60, what="market's processes with the changed code")
    await eventually(lambda: answers(platform, reload=True), within=60, what="market's API with that code")
    (api,) = inner(platform, "api")
    lines = [json.loads(line) for line in log_of(platform, "api", api).read_text().splitlines()]
    assert {(line["service"], line["role"]) for line in lines} == {("market", "api")}
    # The reloader itself may report, in plain text, that it had to kill a process that did not end.
    logged = [json.loads(line) for line in printed.read_text().splitlines() if line.startswith("{")]
    assert {line["service"] for line in logged} <= {"market"}

    command.send_signal(signal.SIGINT)
    assert command.wait(60) == 0
    assert await answers(platform, reload=False), "the service runs without reload again"
    assert processes(platform, others) == running, "the other services were not restarted"
