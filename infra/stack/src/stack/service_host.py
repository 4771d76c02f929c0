"""The parent of the services on one machine: it imports what they share and forks a process for each of them.

    python -X MARK -m stack.service_host --report=FD --logs=FOLDER SERVICE=MIGRATION,SERVING …

The numbers are inherited file descriptors. The platform writes an `Assignment` into each of them, and only the process
that it is for reads it: neither the host nor another service ever holds its secrets. MIGRATION is read by a process
that migrates the service's database and ends, before the service's own process reads SERVING; so nothing that serves
ever holds the role that migrates. The host writes the pids of its children into `--report` as JSON, and becomes their
`reaper`, which rotates the logs in `--logs`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from setproctitle import getproctitle, setproctitle
from solidary.platform import operations
from solidary.platform.registry import load_service

from stack import reaper
from stack.assignment import Assignment
from stack.processes import open_log

THREADS = Path("/proc/self/task")
"""The threads of this process, in Linux."""
LATE_IMPORTS = (
    "httpcore",
    "procrastinate.worker",
    "uvicorn.lifespan.on",
    "solidary.platform.web.server",
    "uvloop",
)
"""Modules that a service imports only when it runs."""


class Place(NamedTuple):
    """A service and the file descriptors of its assignments."""

    service: str
    migration: int
    serving: int


def main(arguments: list[str]) -> None:
    """Run the host; in a child, run its service."""
    (_, report), (_, logs), *places = (argument.split("=", 1) for argument in arguments)
    run_service(host([_place(service, descriptors) for service, descriptors in places], int(report), logs))


def _place(service: str, descriptors: str) -> Place:
    migration, serving = map(int, descriptors.split(","))
    return Place(service, migration, serving)


def host(places: list[Place], report: int, logs: str) -> Place:
    """Fork a process for each service, which returns with its place; the host itself becomes the reaper."""
    gc.disable()
    getproctitle()  # finds the title's place in memory, which it cannot once the environment has changed
    for name in LATE_IMPORTS:
        importlib.import_module(name)
    for place in places:
        _import(place.service)
    # The collector writes to each object that it visits; what it never visits stays in pages that processes share.
    gc.collect()
    gc.freeze()
    children: dict[str, int] = {}
    for place in places:
        pid = os.fork()
        if pid == 0:
            os.close(report)
            for other in places:
                if other != place:
                    _close(other)
            return place
        children[place.service] = pid
    with open(report, "w") as file:
        json.dump(children, file)
    for place in places:
        _close(place)
    return _become_reaper(logs, children)


def _close(place: Place) -> None:
    os.close(place.migration)
    os.close(place.serving)


def _import(service: str) -> None:
    """Import a service; a failure is left to the service's own process, which imports it again.

    Raises RuntimeError where the import has started a thread: a fork would copy its locks and not the thread.
    """
    with suppress(Exception):
        load_service(service)
    if len(list(THREADS.iterdir())) > 1:
        raise RuntimeError(f"Importing {service} has started a thread, so its process cannot be forked.")


def _become_reaper(logs: str, children: Mapping[str, int]) -> NoReturn:
    """Replace this program by the reaper, with the same pid and children.

    The children write to most pages sooner or later. This process would keep a copy of each as it was.
    """
    options = ["-I", "-S", *(part for name in sys._xoptions for part in ("-X", name))]
    names = [f"{service}={pid}" for service, pid in children.items()]
    os.execv(sys.executable, [sys.executable, *options, reaper.__file__, logs, *names])  # noqa: S606


def run_service(place: Place) -> None:
    """Migrate the database in a process of its own, then run the service until it is stopped."""
    _run_in_child(lambda: _migrate(place))
    os.close(place.migration)
    assignment = _apply_assignment(place.serving)
    if assignment is not None:
        operations.run_all(load_service(place.service), assignment.host, assignment.port)


def _migrate(place: Place) -> None:
    os.close(place.serving)
    if _apply_assignment(place.migration) is not None:
        operations.migrate(load_service(place.service))


def _apply_assignment(descriptor: int) -> Assignment | None:
    """Read an assignment and apply its environment, log and title; None where the platform has written none.

    There is none to migrate for a service without a database, nor where the platform was interrupted.
    """
    with open(descriptor) as file:
        text = file.read()
    if not text:
        return None
    assignment = Assignment.model_validate_json(text)
    with open_log(assignment.log) as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    os.environ.clear()
    os.environ.update(assignment.environment)
    setproctitle(assignment.title)
    gc.enable()
    return assignment


def _run_in_child(work: Callable[[], None]) -> None:
    """Run something once in a process of its own, whose memory is free again afterwards. Raises SystemExit."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
