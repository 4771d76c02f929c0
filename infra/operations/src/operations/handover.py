"""The open cases of a person who leaves, as intake lists them."""

from __future__ import annotations

import json

from stack.run_file import Run

from operations.service_commands import run_in_service


def open_cases(run: Run, subject: str) -> list[dict[str, str]]:
    """Return the people to whom an account is assigned: their id, the agency and the role."""
    if "intake" not in run.databases:
        return []
    printed = run_in_service(run, "intake", "backup", ["python", "-m", "intake", "assignments", subject])
    cases: list[dict[str, str]] = json.loads(printed)
    return cases
