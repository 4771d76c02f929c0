"""The modules that a process imports: a library that a process does not use costs it no memory and no time."""

import json
import subprocess
import sys

import pytest

RELAY_LIMIT = 700
"""The most modules that the relay's process may import (590 in November 2026)."""
NEVER_IN_THE_RELAY = {
    "alembic",
    "fastapi",
    "google",
    "httpx",
    "joserfc",
    "numpy",
    "procrastinate",
    "requests",
    "sqlalchemy",
    "uvicorn",
    "watchfiles",
}
ONLY_WHEN_USED = {"alembic", "numpy", "requests", "uvicorn", "watchfiles"}
"""Libraries for migrations, for counts, for a collector, for serving the API and for the reloader."""


def imported_by(statement: str) -> set[str]:
    """Return the modules that a new process has imported after a statement."""
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_relay_process_imports_few_modules() -> None:
    modules = imported_by("import solidary.platform.relay_process")
    assert not modules & NEVER_IN_THE_RELAY
    assert len(modules) < RELAY_LIMIT


@pytest.mark.parametrize("module", ["solidary.platform.service", "solidary.platform.operations"])
def test_service_process_imports_no_library_that_it_does_not_use(module: str) -> None:
    assert not imported_by(f"import {module}") & ONLY_WHEN_USED
