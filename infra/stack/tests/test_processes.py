"""Processes by pid and start time, tested with real ones; a sleeping program stands for a server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from stack.errors import PortInUse, ServerExited, ServerStartTimeout, Stopped
from stack.processes import ProcessTable, is_alive, run_to_completion
from stack.servers.server import Server, clean_environment
from stack.steps import Steps

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
IGNORING_SIGTERM = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


@pytest.fixture
def processes(tmp_path: Path) -> ProcessTable:
    return ProcessTable(tmp_path)


def start(processes: ProcessTable, folder: Path, command: list[str]) -> psutil.Process:
    processes.start("sleeper", command, log=folder / "log", environment=clean_environment())
    process = processes.find("sleeper")
    assert process is not None
    return process


def test_started_process_is_found_by_another_program(tmp_path: Path, processes: ProcessTable) -> None:
    process = start(processes, tmp_path, SLEEPER)
    assert ProcessTable(tmp_path).find("sleeper") == process
    processes.end("sleeper", by=signal.SIGTERM, grace=5)
    assert not is_alive(process)
    assert processes.find("sleeper") is None


def test_child_is_ended_although_its_record_was_lost(tmp_path: Path, processes: ProcessTable) -> None:
    process = start(processes, tmp_path, SLEEPER)
    (tmp_path / "processes.json").write_text("{}")
    processes.end("sleeper", by=signal.SIGTERM, grace=5)
    assert not is_alive(process)


def test_reused_pid_is_not_taken_for_a_recorded_process(tmp_path: Path, processes: ProcessTable) -> None:
    """Record this test's own pid, with a start time an hour before."""
    began = psutil.Process().create_time()
    (tmp_path / "processes.json").write_text(json.dumps({"sleeper": [os.getpid(), began - 3600]}))
    assert processes.find("sleeper") is None
    processes.end("sleeper", by=signal.SIGKILL, grace=1)  # would kill this test


def test_process_that_ignores_the_signal_is_killed_after_the_grace_period(
    tmp_path: Path, processes: ProcessTable
) -> None:
    process = start(processes, tmp_path, IGNORING_SIGTERM)
    while not (tmp_path / "log").read_text():
        assert process.is_running()
    processes.end("sleeper", by=signal.SIGTERM, grace=0.2)
    assert not is_alive(process)


def test_unrecorded_process_is_found_by_its_mark(tmp_path: Path, processes: ProcessTable) -> None:
    stray = subprocess.Popen([*SLEEPER, processes.mark])
    other = subprocess.Popen([*SLEEPER, ProcessTable(tmp_path / "other").mark])
    try:
        assert processes.kill_strays() == [f"{psutil.Process(stray.pid).name()} ({stray.pid})"]
        assert stray.wait() == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_program_is_killed_when_the_steps_are_stopped(steps: Steps) -> None:
    steps.stop()
    with pytest.raises(Stopped):
        run_to_completion(SLEEPER, steps, environment=clean_environment())
    assert not [child for child in psutil.Process().children() if SLEEPER[-1] in child.cmdline()]


class FakeServer(Server):
    """A server that runs a given script."""

    name, title = "fake", "Fake"
    ports: tuple[int, ...] = ()
    script = ""

    def prepare(self) -> None: ...

    def command(self) -> list[str]:
        return [sys.executable, "-c", self.script]

    def is_ready(self) -> bool:
        return False


@pytest.fixture
def fake(tmp_path: Path, processes: ProcessTable, steps: Steps) -> FakeServer:
    return FakeServer(tmp_path, processes, steps)


def test_server_that_ended_is_reported_with_the_last_lines_of_its_log(fake: FakeServer) -> None:
    fake.script = "for n in range(100): print('line', n, flush=True)\nraise SystemExit('disk is full')"
    with pytest.raises(ServerExited) as raised:
        fake.start()
    assert "disk is full" in str(raised.value)
    assert "line 99" in str(raised.value)
    assert "line 50\n" not in str(raised.value)
    assert str(fake.log) in str(raised.value)


def test_server_that_does_not_answer_in_time_is_an_error(fake: FakeServer) -> None:
    fake.script = SLEEPER[-1]
    with pytest.raises(ServerStartTimeout, match="did not answer"):
        fake.start(within=0.1)
    fake.kill()


def test_occupied_port_is_reported_with_server_and_owner(fake: FakeServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        fake.ports = (taken.getsockname()[1],)
        with pytest.raises(PortInUse, match=rf"Fake .*port {fake.ports[0]} is in use by .*pid {os.getpid()}"):
            fake.start()


def test_server_does_not_get_the_variables_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DB", "oracle")
    monkeypatch.setenv("JAVA_OPTS", "-Xmx16g")
    assert not {"KC_DB", "JAVA_OPTS"} & clean_environment().keys()
