"""The services as processes on a stack: each is one process, forked from a parent that has imported what they share."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, Protocol

import httpx

from stack.assignment import Assignment
from stack.errors import ServerExited, ServerStartTimeout, StackError
from stack.files import last_lines
from stack.ports import HOST
from stack.processes import ProcessTable, open_new_log, run_to_completion
from stack.run_file import ProcessKind, Run
from stack.services import SERVICES, Service, capabilities
from stack.steps import Steps

Role = Literal["api", "worker", "relay"]
RELOADED: tuple[Role, ...] = ("api", "worker")
"""The processes that start anew when the code of their service changes."""
ROLES: tuple[Role, ...] = (*RELOADED, "relay")
"""The processes of a service whose code is worked on; one without events has no relay."""
PARENT = "services"
"""The name of the parent among the processes."""
CAN_FORK = sys.platform == "linux"
"""In macOS system libraries may start threads unseen, and a forked process then crashes."""
PASSED_VARIABLES = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "SOLIDARY_COUNTRIES")
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

    def __init__(self, stack: Servers, settings: Mapping[str, str] | None = None) -> None:
        """Take the servers; `settings` are variables of every service process, beside those of the run."""
        self.stack = stack
        self.settings = dict(settings or {})
        self.run: Run = stack.run()
        self._processes = stack.processes

    @property
    def log(self) -> Path:
        """The log of the services' parent, with the services that have ended."""
        return self._log(PARENT)

    def up(self) -> None:
        """Start what does not run; return when every API answers. Raises ServerExited, ServerStartTimeout."""
        with self.stack.steps.step("services migrated and ready"):
            missing = self.ended()
            with ThreadPoolExecutor(len(SERVICES)) as pool:
                if CAN_FORK and len(missing) > 1 and self._processes.find(PARENT) is None:
                    self._fork(missing)
                else:
                    list(pool.map(self.start, missing))
                list(pool.map(self.wait, SERVICES))

    def down(self) -> None:
        """Stop all services."""
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            list(pool.map(self.end, SERVICES))
        self._processes.end(PARENT, by=signal.SIGTERM, grace=STOP_SECONDS)

    def is_running(self, service: Service) -> bool:
        """Return true if the service's process runs, or those that `reload` starts."""
        find = self._processes.find
        return find(service) is not None or all(find(f"{service}-{role}") for role in RELOADED)

    def ended(self) -> list[Service]:
        """Return the services that do not run."""
        return [service for service in SERVICES if not self.is_running(service)]

    def start(self, service: Service) -> None:
        """Migrate a service and start it as a process of its own, beside those that were forked."""
        self._migrate(service)
        self._start(service, service, "all", "all", f"--port={self._port(service)}")

    def end(self, service: Service, *, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop the processes of a service."""
        for name in (service, *(f"{service}-{role}" for role in ROLES)):
            self._processes.end(name, by=by, grace=STOP_SECONDS)

    def reload(self, service: Service) -> None:
        """Run one service with `--reload` beside the others and print its logs.

        Ends when the service does or somebody interrupts; then the service runs as before, with its new code.
        """
        api, worker, relay = (f"{service}-{role}" for role in ROLES)
        self.end(service)
        self._migrate(service)
        self._start(api, service, "api", "api", "--reload", f"--port={self._port(service)}")
        self._start(worker, service, "worker", "worker", "--reload", "--only=consumers", "--only=jobs")
        if capabilities()[service].has_events:
            self._start(relay, service, "relay", "worker", "--only=relay")
        try:
            self._print_logs([api, worker])
        except KeyboardInterrupt:
            self.end(service)
            self.start(service)
            self.wait(service)

    def environment(self, service: Service, process: ProcessKind) -> dict[str, str]:
        """Return the settings of a process, and of the shell's variables only those of Python and OpenTelemetry."""
        return _passed_variables() | self.run.environment(service, process) | self.settings

    def _migrate(self, service: Service) -> None:
        if not capabilities()[service].has_database:
            return
        command = self._command(service, "migrate")
        environment = self.environment(service, "migrate")
        code, output = run_to_completion(command, self.stack.steps, environment=environment)
        if code != 0:
            raise StackError(f"The database of {service} could not be migrated:\n{output}")

    def _start(self, name: str, service: Service, process: ProcessKind, *arguments: str) -> None:
        command, environment = self._command(service, *arguments), self.environment(service, process)
        self._processes.start(name, command, log=self._log(name), environment=environment)

    def _command(self, service: Service, *arguments: str) -> list[str]:
        return [sys.executable, "-X", self._processes.mark, "-m", service, *arguments]

    def _port(self, service: Service) -> int:
        return int(self.run.services[service].rsplit(":", 1)[1])

    def _fork(self, services: Sequence[Service]) -> None:
        """Start the services from one parent (`stack.service_host`), which gets none of their secrets."""
        report, reported = os.pipe()
        pipes = {service: (os.pipe(), os.pipe()) for service in services}
        places = [f"{service}={migration[0]},{serving[0]}" for service, (migration, serving) in pipes.items()]
        inherited = [reported, *(reading for both in pipes.values() for reading, _ in both)]
        # One thread: a process with a pool for linear algebra could not fork.
        environment = _passed_variables() | {"OPENBLAS_NUM_THREADS": "1"}
        host = [sys.executable, "-X", self._processes.mark, "-m", "stack.service_host"]
        log = self._log(PARENT)
        command = [*host, f"--report={reported}", f"--logs={log.parent}", *places]
        self._processes.start(PARENT, command, log=log, environment=environment, inherited=inherited)
        for descriptor in inherited:
            os.close(descriptor)
        for service, (migration, serving) in pipes.items():
            open_new_log(self._log(service)).close()
            if service in self.run.databases:
                self._assign(migration[1], service, "migrate")
            else:
                os.close(migration[1])
            self._assign(serving[1], service, "all")
        with open(report) as file:
            answer = file.read()
        if not answer:
            raise ServerExited(server="The parent of the services", log=log, last_lines=last_lines(log))
        for service, pid in json.loads(answer).items():
            self._processes.add(service, pid)

    def _assign(self, pipe: int, service: Service, process: ProcessKind) -> None:
        assignment = Assignment(
            environment=self.environment(service, process),
            host=HOST,
            port=self._port(service),
            log=self._log(service),
            title=f"{service} ({self._processes.mark})",
        )
        with suppress(BrokenPipeError), open(pipe, "w") as file:
            file.write(assignment.model_dump_json())

    def _print_logs(self, names: Sequence[str]) -> None:
        """Print the logs of these processes until the first of them ends."""
        with ExitStack() as opened:
            logs = [opened.enter_context(self._log(name).open(errors="replace")) for name in names]
            while all(self._processes.find(name) for name in names):
                for log in logs:
                    if os.fstat(log.fileno()).st_size < log.tell():
                        log.seek(0)  # it was rotated
                    print(log.read(), end="", flush=True)
                self.stack.steps.pause(0.1)

    def _log(self, name: str) -> Path:
        return self.stack.folder / "logs" / f"{name}.log"

    def wait(self, service: Service) -> None:
        """Return when the API of a service answers. Raises ServerExited, ServerStartTimeout."""
        log = self._log(service)
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=2) as client:
            for _ in range(int(START_SECONDS / 0.1)):
                try:
                    if client.get(f"{self.run.services[service]}/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    if not self.is_running(service):
                        raise ServerExited(service, log, last_lines(log)) from None
                self.stack.steps.pause(0.1)
        raise ServerStartTimeout(service, START_SECONDS, log, last_lines(log))


def _passed_variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_VARIABLES or name.startswith("OTEL_")
    }
