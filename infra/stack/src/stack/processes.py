"""The processes of one checkout, identified by pid *and* start time, so that a reused pid is never mistaken.

Each process also bears a mark of the state folder in its command line. A process that was started in the instant
before a kill -9, and is in no record yet, is found by that mark.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from stack.files import open_private, write_private
from stack.reaper import shift
from stack.steps import Steps

# psutil derives the start time from the clock of boot, which a time server may move a little.
CLOCK_SLACK = 1.0


@dataclass(frozen=True)
class Account:
    """A system user to run as, where the current user will not do."""

    uid: int
    gid: int


class ProcessTable:
    """The processes that run for a state folder, recorded in its `processes.json`."""

    def __init__(self, folder: Path):
        self._file = folder / "processes.json"
        self.mark = f"solidary-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        account: Account | None = None,
        inherited: Sequence[int] = (),
    ) -> None:
        """Start a process in a session of its own, so that the terminal's Ctrl-C does not reach it.

        The log of the start before is kept as `NAME.log.1`. `inherited` are file descriptors for the process.
        """
        with open_new_log(log) as output:
            child = _spawn(command, output.fileno(), environment, account, inherited)
        with self._lock:
            self._children[name] = child
            self._write(self._read() | {name: (child.pid, psutil.Process(child.pid).create_time())})

    def add(self, name: str, pid: int) -> None:
        """Record a process that another one has started; nothing where it has ended already."""
        with suppress(psutil.NoSuchProcess), self._lock:
            self._write(self._read() | {name: (pid, psutil.Process(pid).create_time())})

    def find(self, name: str) -> psutil.Process | None:
        """Return the running process of that name, or None. A child is found also where the record was lost."""
        with self._lock:
            child = self._children.get(name)
            is_running = child is not None and child.poll() is None
            record = self._read().get(name)
        found = _running(*record) if record else None
        return psutil.Process(child.pid) if found is None and child is not None and is_running else found

    def names(self) -> list[str]:
        """Return every name in the record, running or not."""
        with self._lock:
            return list(self._read())

    def end(self, name: str, *, by: signal.Signals, grace: float) -> None:
        """Send a signal, wait `grace` seconds, then kill what is left of the process and its children."""
        process = self.find(name)
        if process is not None:
            _end([process, *_children(process)], by=by, grace=grace)
        with self._lock:
            child = self._children.pop(name, None)
            if child is not None:
                child.wait()
            records = self._read()
            records.pop(name, None)
            self._write(records)

    def kill_strays(self) -> list[str]:
        """Kill the processes that bear this folder's mark; return their names.

        The caller ends the recorded processes before.
        """
        strays = [process for process in psutil.process_iter() if self._is_marked(process)]
        names = [_name(process) for process in strays]
        _end(strays, by=signal.SIGKILL, grace=5)
        return names

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.pid != os.getpid() and any(self.mark in part for part in process.cmdline())
        except psutil.Error:
            return False

    def _read(self) -> dict[str, tuple[int, float]]:
        if not self._file.exists():
            return {}
        return {name: (pid, start) for name, (pid, start) in json.loads(self._file.read_text()).items()}

    def _write(self, records: Mapping[str, tuple[int, float]]) -> None:
        write_private(self._file, json.dumps(records, indent=1))


def open_new_log(log: Path) -> BinaryIO:
    """Open a log for writing, after renaming the one before to `NAME.log.1`, and that one to `NAME.log.2`."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists():
        shift(str(log))
        log.replace(log.with_name(f"{log.name}.1"))
    return open_log(log)


def open_log(log: Path) -> BinaryIO:
    """Open a log, which only its owner may read, for writing at its end."""
    return open(log, "ab", opener=open_private)


def run_to_completion(
    command: Sequence[str],
    steps: Steps,
    *,
    environment: Mapping[str, str],
    account: Account | None = None,
) -> tuple[int, str]:
    """Return the exit code and the output of a program; kill it where the steps are stopped."""
    child = _spawn(command, subprocess.PIPE, environment, account)
    try:
        while True:
            steps.check()
            with suppress(subprocess.TimeoutExpired):
                output, _ = child.communicate(timeout=0.2)
                return child.returncode, output.decode(errors="replace").strip()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _spawn(
    command: Sequence[str],
    output: int,
    environment: Mapping[str, str],
    account: Account | None,
    inherited: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd="/",  # the account may not pass through the current folder
        start_new_session=True,
        umask=0o077,  # whatever it writes, only its account reads
        pass_fds=inherited,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _running(pid: int, start: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - start) < CLOCK_SLACK
    except psutil.NoSuchProcess:
        return None
    return process if same and is_alive(process) else None


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _end(processes: Iterable[psutil.Process], *, by: signal.Signals, grace: float) -> None:
    left = list(processes)
    for process in left if by == signal.SIGKILL else left[:1]:
        _signal(process, by)
    left = _wait(left, grace)
    for process in left:
        _signal(process, signal.SIGKILL)
    _wait(left, 10)


def _wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for the processes to end; return those that did not.

    A process that ended but was not reaped (an orphan in a container without an init) counts as ended.
    """
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def is_alive(process: psutil.Process) -> bool:
    """Return true if the process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, by: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(by)


def _name(process: psutil.Process) -> str:
    try:
        return f"{process.name()} ({process.pid})"
    except psutil.NoSuchProcess:
        return str(process.pid)
