"""What the three servers have in common: start and wait for the answer, stop, kill, start again."""

from __future__ import annotations

import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from stack.errors import PortTaken, ServerDied, ServerSilent, StackError
from stack.files import last_lines
from stack.ports import holder, is_free
from stack.processes import Account, ProcessTable, run_to_end
from stack.steps import Steps

RELEASE_SECONDS = 3.0
"""A port that somebody is seen to hold is taken after so long; one that nobody holds is on its way to be free."""
LAST_RELEASE_SECONDS = 60.0

# Ten times what a start takes on two idle cores: a busy machine is not a broken one.
START_SECONDS = 300.0


class Server(ABC):
    """One server of a state folder. `start` returns when it answers; `kill` is a kill -9."""

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
    def ports(self) -> tuple[int, ...]: ...

    @abstractmethod
    def prepare(self) -> None:
        """Whatever must be there before the first start; repeats cheaply."""

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server serves; never raises while it is only not there yet."""

    def run_to_end(self, command: Sequence[str], failure: str) -> None:
        """Runs a program of this server that ends by itself; raises StackError with `failure`."""
        code, output = run_to_end(command, self.steps, environment=clean_environment(), account=self.account)
        if code != 0:
            raise StackError(f"{failure}:\n{output}")

    def start(self, *, within: float = START_SECONDS) -> None:
        """Raises PortTaken, ServerDied (with the end of its log) or ServerSilent."""
        for port in self.ports:
            self._wait_for(port)
        self.processes.start(
            self.name,
            self.command(),
            log=self.log,
            environment=clean_environment(),
            account=self.account,
        )
        deadline = time.monotonic() + within
        while not self.answers():
            if not self.runs():
                raise ServerDied(self.title, self.log, last_lines(self.log))
            if time.monotonic() > deadline:
                raise ServerSilent(self.title, within, self.log, last_lines(self.log))
            self.steps.pause(0.05)

    def _wait_for(self, port: int) -> None:
        """A killed server's threads may hold its port for a moment after its pid is gone."""
        began = time.monotonic()
        while not is_free(port):
            waited = time.monotonic() - began
            who = holder(port) if waited > RELEASE_SECONDS else None
            if who is not None or waited > LAST_RELEASE_SECONDS:
                raise PortTaken(self.title, port, who)
            self.steps.pause(0.05)

    def runs(self) -> bool:
        return self.processes.find(self.name) is not None

    def stop(self, *, grace: float = 20.0) -> None:
        self.processes.end(self.name, by=self.stop_signal, grace=grace)

    def kill(self) -> None:
        """kill -9 of the server and its children: what a power cut would leave."""
        self.processes.end(self.name, by=signal.SIGKILL, grace=5)


def clean_environment() -> dict[str, str]:
    """Only what a server needs of ours: no KC_ or JAVA_ variable of somebody's shell changes it."""
    kept = ("PATH", "HOME", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C.UTF-8"}
