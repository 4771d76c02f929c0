"""Services that are forked from one parent, with small services in place of the real ones and no servers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psutil
import pytest
from stack import platform as platform_module
from stack.errors import ServerExited
from stack.platform import PARENT, Platform
from stack.ports import HOST, find_free_port
from stack.processes import ProcessTable, is_alive
from stack.services import read_capabilities
from stack.steps import Steps

SERVICE = """
import asyncio, os
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

class Service:
    name = {name!r}
    has_database = has_events = True
    largest_body = 1024
    published_streams = subscribed_streams = callers = secrets = ()
    pages = None

    def migrate(self, url):
        print("migrated", url[:13], url.split("-")[2], os.getpid(), flush=True)

    def application(self, settings):
        async def ready(request):
            return JSONResponse({{"pid": os.getpid(), "environment": dict(os.environ)}})
        print("serving", os.getpid(), flush=True)
        return Starlette(routes=[Route("/health/ready", ready)])

    async def work(self, settings, parts, stop):
        await stop.wait()
        print("stopped", *parts, flush=True)

service = Service()
"""
MAIN = """
import typer
from solidary.platform.program import add_service_commands

add_service_commands(typer.Typer(), {name!r})()
"""
NAMES = ("north", "south", "west")


class FakeRun:
    """The settings of the small services; each has a secret of its own."""

    def __init__(self) -> None:
        self.services = {name: f"http://{HOST}:{find_free_port(set())}" for name in NAMES}
        self.databases: dict[str, dict[str, str]] = {name: {} for name in NAMES}

    def environment(self, service: str, process: str) -> dict[str, str]:
        common = {"SOLIDARY_COUNTRY": "PA", "PYTHONPATH": os.environ["PYTHONPATH"]}
        if process == "migrate":
            return common | {"SOLIDARY_DATABASE_MIGRATE": f"postgresql://{migrator_of(service)}"}
        return common | {
            "SOLIDARY_DATABASE_APP": "postgresql://nowhere",
            "SOLIDARY_ISSUER": "http://nowhere",
            "SOLIDARY_JWKS_URL": "http://nowhere",
            "SOLIDARY_SECRET": secret_of(service),
        }


def secret_of(service: str) -> str:
    # In two parts, so that this test's own memory and the services' code hold it nowhere else.
    return "-".join(("secret", "of", service, "x" * 20))


def migrator_of(service: str) -> str:
    return "-".join(("migrator", "of", service, "y" * 20))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the small services' code."""
    folder = tmp_path / "packages"
    for name in NAMES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
        (folder / f"{name}-1.dist-info").mkdir()
        (folder / f"{name}-1.dist-info" / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"
        )
        entry_point = f"[solidary.services]\n{name} = {name}.service:service\n"
        (folder / f"{name}-1.dist-info" / "entry_points.txt").write_text(entry_point)
        (folder / name / "__main__.py").write_text(MAIN.format(name=name))
        (folder / name / "service.py").write_text(SERVICE.format(name=name))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(
        platform_module, "PASSED_VARIABLES", (*platform_module.PASSED_VARIABLES, "PYTHONPATH")
    )
    monkeypatch.setattr(platform_module, "SERVICES", NAMES)
    read_capabilities.cache_clear()
    yield folder
    read_capabilities.cache_clear()


@pytest.fixture
def platform(packages: Path, tmp_path: Path, steps: Steps) -> Iterator[Platform]:
    run: Any = FakeRun()
    folder = tmp_path / ".local"
    folder.mkdir()
    servers: Any = SimpleNamespace(
        folder=folder, steps=steps, processes=ProcessTable(folder), run=lambda: run
    )
    platform = Platform(servers)
    yield platform
    platform.down()
    assert servers.processes.kill_strays() == []


def process_of(platform: Platform, name: str) -> psutil.Process:
    process = platform.stack.processes.find(name)
    assert process is not None
    return process


def log_of(platform: Platform, name: str) -> str:
    return (platform.stack.folder / "logs" / f"{name}.log").read_text()


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_every_service_is_one_process_with_its_own_settings_and_log(platform: Platform) -> None:
    platform.up()
    marked = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(platform.stack.processes.mark in part for part in process.info["cmdline"] or ())
    ]
    assert {process.pid for process in marked} == {
        process_of(platform, name).pid for name in (PARENT, *NAMES)
    }
    for name in NAMES:
        answer = httpx.get(f"{platform.run.services[name]}/health/ready").json()
        assert answer["pid"] == process_of(platform, name).pid
        expected = {**platform.environment(name, "all"), "LC_CTYPE": "C.UTF-8"}
        assert {
            key: value for key, value in answer["environment"].items() if expected.get(key) != value
        } == {}
        assert answer["environment"]["SOLIDARY_SECRET"] == secret_of(name)
        log = log_of(platform, name)
        _, url, migrated, pid, *_ = log.split()
        assert (url, migrated) == ("postgresql://", name)
        # It ran in a process of its own, with the only role that may.
        assert pid != str(answer["pid"])


def secrets_in(process: psutil.Process) -> set[str]:
    """Return the services whose secrets are somewhere in the memory that a process may write to.

    The roles that migrate count as secrets of nobody who serves.
    """
    found = set()
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb") as memory:
        for line in maps:
            addresses, access, *_ = line.split()
            if access.startswith("rw"):
                first, last = (int(address, 16) for address in addresses.split("-"))
                memory.seek(first)
                content = memory.read(last - first)
                found |= {name for name in NAMES if secret_of(name).encode() in content}
                found |= {f"{name}'s migrator" for name in NAMES if migrator_of(name).encode() in content}
    return found


def test_no_process_holds_the_secret_of_another_service(platform: Platform) -> None:
    platform.up()
    assert {name: secrets_in(process_of(platform, name)) for name in NAMES} == {
        name: {name} for name in NAMES
    }
    assert secrets_in(process_of(platform, PARENT)) == set()


def test_killed_service_is_reported_and_the_others_go_on(platform: Platform) -> None:
    platform.up()
    before = {name: process_of(platform, name).pid for name in NAMES}
    process_of(platform, "south").kill()
    wait_until(lambda: platform.ended() == ["south"])
    wait_until(lambda: "south ended with exit code -9." in log_of(platform, PARENT))
    platform.up()
    after = {name: process_of(platform, name).pid for name in NAMES}
    assert {name for name in NAMES if before[name] != after[name]} == {"south"}
    assert "--port" in " ".join(process_of(platform, "south").cmdline())


@pytest.mark.parametrize("code", ["raise ValueError('no such country')", "import nothing_of_that_name"])
def test_service_that_cannot_start_is_reported_with_its_log_and_the_others_start(
    packages: Path, platform: Platform, code: str
) -> None:
    (packages / "south" / "service.py").write_text(code)
    with pytest.raises(ServerExited, match=r"south ended[^~]*(no such country|nothing_of_that_name)"):
        platform.up()
    assert platform.ended() == ["south"]


def test_import_that_starts_a_thread_is_reported(packages: Path, platform: Platform) -> None:
    with (packages / "south" / "service.py").open("a") as file:
        file.write(
            "\nimport threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
        )
    with pytest.raises(ServerExited, match="Importing south has started a thread"):
        platform.up()


def test_services_go_on_without_their_parent_and_are_stopped_with_the_platform(platform: Platform) -> None:
    platform.up()
    process_of(platform, PARENT).kill()
    wait_until(lambda: platform.stack.processes.find(PARENT) is None)
    processes = [process_of(platform, name) for name in NAMES]
    platform.down()
    assert not [process for process in processes if is_alive(process)]
    for name in NAMES:
        assert "stopped relay consumers jobs" in log_of(platform, name)


def test_unrecorded_services_are_found_by_their_mark(platform: Platform) -> None:
    platform.up()
    (platform.stack.folder / "processes.json").unlink()
    assert len(ProcessTable(platform.stack.folder).kill_strays()) == 1 + len(NAMES)


def test_parent_passes_the_request_to_end_on_to_the_services(platform: Platform) -> None:
    platform.up()
    parent = process_of(platform, PARENT)
    parent.send_signal(signal.SIGTERM)
    wait_until(lambda: not is_alive(parent))
    assert sorted(log_of(platform, PARENT).splitlines()) == [
        f"{name} ended with exit code 0." for name in NAMES
    ]
    assert platform.ended() == list(NAMES)


def test_service_ends_quietly_where_the_platform_was_interrupted(packages: Path, tmp_path: Path) -> None:
    # The pipes are closed before an assignment was written.
    from stack.service_host import Place, run_service

    pipes = [os.pipe(), os.pipe()]
    for _, writing in pipes:
        os.close(writing)
    run_service(Place("north", pipes[0][0], pipes[1][0]))
