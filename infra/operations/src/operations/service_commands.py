"""Commands with the environment of one service's process, and of no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from stack.errors import StackError
from stack.run_file import ProcessKind, Run
from stack.services import SERVICES, Service

Kind = Literal["api", "worker", "relay", "migrate", "backup"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def environment_of(run: Run, service: Service, kind: Kind) -> dict[str, str]:
    """Return the settings of a process of a service, beside the shell's variables that are no settings.

    `backup` is the role that reads everything and changes nothing. Raises StackError for an unknown service.
    """
    if service not in SERVICES:
        raise StackError(f"There is no service {service}. Services: {', '.join(SERVICES)}.")
    return {**_shell(), **_settings(run, service, kind)}


def run_in_service(run: Run, service: Service, kind: Kind, command: Sequence[str]) -> str:
    """Run a command with the settings of a service's process, and return what it printed. Raises StackError."""
    environment = environment_of(run, service, kind)
    done = subprocess.run(
        resolved(command),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise StackError(f"«{' '.join(command)}» failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def resolved(command: Sequence[str]) -> list[str]:
    """Return a command in which `python` is this environment's."""
    return [sys.executable if command[0] == "python" else command[0], *command[1:]]


def _settings(run: Run, service: Service, kind: Kind) -> Mapping[str, str]:
    if kind != "backup":
        process: ProcessKind = kind
        return run.environment(service, process)
    url = run.databases.get(service, {}).get("backup")
    if url is None:
        raise StackError(f"The service {service} has no database.")
    return {"SOLIDARY_COUNTRY": run.country, "SOLIDARY_DATABASE_BACKUP": url}


def _shell() -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if not name.startswith("SOLIDARY_")}
    passed["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), passed.get("PATH", "")])
    kept = {name: os.environ[name] for name in ("SOLIDARY_COUNTRIES",) if name in os.environ}
    return passed | kept
