"""The lifecycle that the three servers share: start and wait until ready, stop, kill, start again."""

from __future__ import annotations

import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from stack.errors import PortInUse, ServerExited, ServerStartTimeout, StackError
from stack.files import last_lines
from stack.ports import is_port_free, port_owner
from stack.processes import Account, ProcessTable, run_to_completion
from stack.steps import Steps

RELEASE_SECONDS = 3.0
"""The wait for a port that another program is seen to listen on; without such a program it is about to be released."""
LAST_RELEASE_SECONDS = 60.0
"""The wait for a port in any case."""

# Ten times what a start takes on two idle cores, because a busy machine is not a broken one.
START_SECONDS = 300.0


class Server(ABC):
    """One server of a state folder."""

    name: ClassVar[str]
    title: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    account: Account | None = None

    def __init__(self, folder: Path, processes: ProcessTable, steps: Steps):
        self.home = folder / self.name
        self.log = folder / "logs" / f"{self.name}.log"
        self.processes = processes
        self.steps = steps

    @property
    @abstractmethod
    def ports(self) -> tuple[int, ...]:
        """The ports that must be free before a start."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what must exist before a start. Repeating it is cheap."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the command line of the server."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Return true if the server serves; raise only for an error that waiting cannot cure."""

    def run_to_completion(self, command: Sequence[str], failure: str) -> None:
        """Run a program of this server to its end. Raises StackError with `failure` and the output."""
        code, output = run_to_completion(
            command, self.steps, environment=clean_environment(), account=self.account
        )
        if code != 0:
            raise StackError(f"{failure}:\n{output}")

    def start(self, *, within: float = START_SECONDS) -> None:
        """Start the server and return when it is ready.

        Raises PortInUse, ServerExited or ServerStartTimeout, the last two with the end of the log.
        """
        for port in self.ports:
            self._wait_for_port(port)
        self.processes.start(
            self.name,
            self.command(),
            log=self.log,
            environment=clean_environment(),
            account=self.account,
        )
        deadline = time.monotonic() + within
        while not self.is_ready():
            if not self.is_running():
                raise ServerExited(self.title, self.log, last_lines(self.log))
            if time.monotonic() > deadline:
                raise ServerStartTimeout(self.title, within, self.log, last_lines(self.log))
            self.steps.pause(0.05)

    def _wait_for_port(self, port: int) -> None:
        """Wait until a port is free: a killed server's threads may hold it for a moment after its pid is gone."""
        started = time.monotonic()
        while not is_port_free(port):
            waited = time.monotonic() - started
            owner = port_owner(port) if waited > RELEASE_SECONDS else None
            if owner is not None or waited > LAST_RELEASE_SECONDS:
                raise PortInUse(self.title, port, owner)
            self.steps.pause(0.05)

    def is_running(self) -> bool:
        """Return true if the server's process runs."""
        return self.processes.find(self.name) is not None

    def stop(self, *, grace: float = 20.0) -> None:
        """Ask the server to end; kill it after `grace` seconds."""
        self.processes.end(self.name, by=self.stop_signal, grace=grace)

    def kill(self) -> None:
        """Kill the server and its children with SIGKILL, as a power cut would."""
        self.processes.end(self.name, by=signal.SIGKILL, grace=5)


def clean_environment() -> dict[str, str]:
    """Return the environment of a server, in which no KC_ or JAVA_ variable of somebody's shell remains."""
    passed = ("PATH", "HOME", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in passed if name in os.environ} | {"LC_ALL": "C.UTF-8"}
