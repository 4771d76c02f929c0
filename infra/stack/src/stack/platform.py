"""The five services as processes on a stack: an API and a worker each."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import httpx

from stack.errors import ServerDied, ServerSilent
from stack.files import last_lines
from stack.run_file import Run
from stack.services import SERVICES, Service
from stack.stack import Stack

Role = Literal["api", "worker"]
ROLES: tuple[Role, ...] = ("api", "worker")
KEPT = ("PATH", "HOME", "TMPDIR", "TZ", "LANG")
START_SECONDS = 90.0
STOP_SECONDS = 15.0


class Platform:
    """Migrates, starts and stops the services of a stack that is up."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.run: Run = stack.run()

    def up(self) -> None:
        """Starts what does not run; returns when every API answers. Raises ServerDied, ServerSilent."""
        with self.stack.steps.step("databases migrated"):
            for service in SERVICES:
                migrate = importlib.import_module(f"{service}.service").service.migrate
                migrate(self.run.databases[service]["migrate"])
        with self.stack.steps.step("services answer"):
            for service in SERVICES:
                for role in ROLES:
                    self.start(service, role)
            with ThreadPoolExecutor(len(SERVICES)) as pool:
                list(pool.map(self._wait, SERVICES))

    def down(self) -> None:
        with ThreadPoolExecutor(len(SERVICES) * len(ROLES)) as pool:
            for service in SERVICES:
                for role in ROLES:
                    pool.submit(self.end, service, role)

    def start(self, service: Service, role: Role, *options: str) -> None:
        """Starts one process, unless it runs."""
        name = f"{service}-{role}"
        if self.stack.processes.find(name) is not None:
            return
        command = [sys.executable, "-X", self.stack.processes.mark, "-m", service, role, *options]
        if role == "api":
            command += ["--port", self.run.services[service].rsplit(":", 1)[1]]
        self.stack.processes.start(
            name,
            command,
            log=self.stack.folder / "logs" / f"{name}.log",
            environment=self.environment(service),
        )

    def end(self, service: Service, role: Role, *, by: signal.Signals = signal.SIGTERM) -> None:
        self.stack.processes.end(f"{service}-{role}", by=by, grace=STOP_SECONDS)

    def environment(self, service: Service) -> dict[str, str]:
        """A service's settings, and nothing of somebody's shell but what Python and OpenTelemetry need."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("OTEL_")}
        return kept | self.run.environment(service)

    def _wait(self, service: Service) -> None:
        name = f"{service}-api"
        log = self.stack.folder / "logs" / f"{name}.log"
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=2) as client:
            for _ in range(int(START_SECONDS / 0.1)):
                try:
                    if client.get(f"{self.run.services[service]}/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    if self.stack.processes.find(name) is None:
                        raise ServerDied(name, log, last_lines(log)) from None
                self.stack.steps.pause(0.1)
        raise ServerSilent(name, START_SECONDS, log, last_lines(log))
