"""The services as processes on a stack: an API and a worker each."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import httpx
from solidary.platform.registry import load_service

from stack.errors import ServerExited, ServerStartTimeout
from stack.files import last_lines
from stack.processes import ProcessTable
from stack.run_file import Run
from stack.services import SERVICES, Service
from stack.steps import Steps

Role = Literal["api", "worker"]
ROLES: tuple[Role, ...] = ("api", "worker")
PASSED_VARIABLES = ("PATH", "HOME", "TMPDIR", "TZ", "LANG")
START_SECONDS = 90.0
STOP_SECONDS = 15.0


class Servers(Protocol):
    """The servers that a platform runs on, with a folder for the services' logs and processes."""

    folder: Path
    steps: Steps
    processes: ProcessTable

    def run(self) -> Run: ...


class Platform:
    """The services of a stack that is up: migrated, started and stopped together."""

    def __init__(self, stack: Servers) -> None:
        self.stack = stack
        self.run: Run = stack.run()

    def up(self) -> None:
        """Start what does not run; return when every API answers. Raises ServerExited, ServerStartTimeout."""
        with self.stack.steps.step("databases migrated"):
            for service in SERVICES:
                migrate = load_service(service).migrate
                migrate(self.run.databases[service]["migrate"])
        with self.stack.steps.step("services answer"):
            for service in SERVICES:
                for role in ROLES:
                    self.start(service, role)
            with ThreadPoolExecutor(len(SERVICES)) as pool:
                list(pool.map(self._wait, SERVICES))

    def down(self) -> None:
        """Stop all services."""
        with ThreadPoolExecutor(len(SERVICES) * len(ROLES)) as pool:
            for service in SERVICES:
                for role in ROLES:
                    pool.submit(self.end, service, role)

    def start(self, service: Service, role: Role, *options: str) -> None:
        """Start one process, unless it runs."""
        name = f"{service}-{role}"
        if self.stack.processes.find(name) is not None:
            return
        command = [sys.executable, "-X", self.stack.processes.mark, "-m", service, role, *options]
        if role == "api":
            command.append(f"--port={self.run.services[service].rsplit(':', 1)[1]}")
        self.stack.processes.start(
            name,
            command,
            log=self._log(name),
            environment=self.environment(service),
        )

    def end(self, service: Service, role: Role, *, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop one process."""
        self.stack.processes.end(f"{service}-{role}", by=by, grace=STOP_SECONDS)

    def reload(self, service: Service) -> None:
        """Run one service with `--reload` beside the others and print its logs.

        Ends when the service does or somebody interrupts; then the service runs as before.
        """
        names = [f"{service}-{role}" for role in ROLES]
        for role in ROLES:
            self.end(service, role)
            self.start(service, role, "--reload")
        try:
            self._print_logs(names)
        except KeyboardInterrupt:
            for role in ROLES:
                self.end(service, role)
                self.start(service, role)
            self._wait(service)

    def _print_logs(self, names: Sequence[str]) -> None:
        """Print the logs of these processes until the first of them ends."""
        with ExitStack() as opened:
            logs = [opened.enter_context(self._log(name).open(errors="replace")) for name in names]
            while all(self.stack.processes.find(name) for name in names):
                for log in logs:
                    print(log.read(), end="", flush=True)
                self.stack.steps.pause(0.1)

    def _log(self, name: str) -> Path:
        return self.stack.folder / "logs" / f"{name}.log"

    def environment(self, service: Service) -> dict[str, str]:
        """Return a service's settings, and of the shell's variables only those of Python and OpenTelemetry."""
        passed = {
            name: value
            for name, value in os.environ.items()
            if name in PASSED_VARIABLES or name.startswith("OTEL_")
        }
        return passed | self.run.environment(service)

    def _wait(self, service: Service) -> None:
        name = f"{service}-api"
        log = self._log(name)
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=2) as client:
            for _ in range(int(START_SECONDS / 0.1)):
                try:
                    if client.get(f"{self.run.services[service]}/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    if self.stack.processes.find(name) is None:
                        raise ServerExited(name, log, last_lines(log)) from None
                self.stack.steps.pause(0.1)
        raise ServerStartTimeout(name, START_SECONDS, log, last_lines(log))
