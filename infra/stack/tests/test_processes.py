"""Processes by pid and start time, with real ones: a sleeper stands for a server."""

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
from stack.errors import PortTaken, ServerDied, ServerSilent, Stopped
from stack.processes import ProcessTable, is_alive, run_to_end
from stack.servers.server import Server, clean_environment
from stack.steps import Steps

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
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


def test_what_was_started_is_found_also_by_another_program(tmp_path: Path, processes: ProcessTable) -> None:
    process = start(processes, tmp_path, SLEEPER)
    assert ProcessTable(tmp_path).find("sleeper") == process
    processes.end("sleeper", by=signal.SIGTERM, grace=5)
    assert not is_alive(process)
    assert processes.find("sleeper") is None


def test_a_child_whose_record_was_lost_is_ended_all_the_same(tmp_path: Path, processes: ProcessTable) -> None:
    process = start(processes, tmp_path, SLEEPER)
    (tmp_path / "processes.json").write_text("{}")
    processes.end("sleeper", by=signal.SIGTERM, grace=5)
    assert not is_alive(process)


def test_a_pid_that_somebody_else_got_is_never_ours(tmp_path: Path, processes: ProcessTable) -> None:
    """This test's own pid, with the start time of a process that died an hour before."""
    began = psutil.Process().create_time()
    (tmp_path / "processes.json").write_text(json.dumps({"sleeper": [os.getpid(), began - 3600]}))
    assert processes.find("sleeper") is None
    processes.end("sleeper", by=signal.SIGKILL, grace=1)  # would be the end of this test


def test_a_process_deaf_to_the_signal_is_killed_after_its_grace(
    tmp_path: Path, processes: ProcessTable
) -> None:
    process = start(processes, tmp_path, DEAF)
    while not (tmp_path / "log").read_text():
        assert process.is_running()
    processes.end("sleeper", by=signal.SIGTERM, grace=0.2)
    assert not is_alive(process)


def test_a_process_that_no_record_knows_is_found_by_its_mark(tmp_path: Path, processes: ProcessTable) -> None:
    stray = subprocess.Popen([*SLEEPER, processes.mark])
    other = subprocess.Popen([*SLEEPER, ProcessTable(tmp_path / "other").mark])
    try:
        assert processes.kill_strays() == [f"{psutil.Process(stray.pid).name()} ({stray.pid})"]
        assert stray.wait() == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_program_of_ours_ends_when_somebody_stops_the_steps(steps: Steps) -> None:
    steps.stop()
    with pytest.raises(Stopped):
        run_to_end(SLEEPER, steps, environment=clean_environment())
    assert not [child for child in psutil.Process().children() if SLEEPER[-1] in child.cmdline()]


class Fake(Server):
    """A server whose command is given."""

    name, title = "fake", "Fake"
    ports: tuple[int, ...] = ()
    script = ""

    def prepare(self) -> None: ...

    def command(self) -> list[str]:
        return [sys.executable, "-c", self.script]

    def answers(self) -> bool:
        return False


@pytest.fixture
def fake(tmp_path: Path, processes: ProcessTable, steps: Steps) -> Fake:
    return Fake(tmp_path, processes, steps)


def test_a_server_that_died_shows_the_last_lines_of_its_log(fake: Fake) -> None:
    fake.script = "for n in range(100): print('line', n, flush=True)\nraise SystemExit('no disk for me')"
    with pytest.raises(ServerDied) as died:
        fake.start()
    assert "no disk for me" in str(died.value)
    assert "line 99" in str(died.value)
    assert "line 50\n" not in str(died.value)
    assert str(fake.log) in str(died.value)


def test_a_server_that_says_nothing_in_time_is_an_error(fake: Fake) -> None:
    fake.script = SLEEPER[-1]
    with pytest.raises(ServerSilent, match="did not answer"):
        fake.start(within=0.1)
    fake.kill()


def test_a_taken_port_names_server_port_and_holder(fake: Fake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        fake.ports = (taken.getsockname()[1],)
        with pytest.raises(PortTaken, match=rf"Fake: port {fake.ports[0]} is taken by .*pid {os.getpid()}"):
            fake.start()


def test_a_server_does_not_see_the_settings_of_somebodys_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DB", "oracle")
    monkeypatch.setenv("JAVA_OPTS", "-Xmx16g")
    assert not {"KC_DB", "JAVA_OPTS"} & clean_environment().keys()
