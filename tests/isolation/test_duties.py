"""Who may call what, kept by hand in `duties.txt`: a change there is a decision, and its reader sees it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from solidary.platform.web import declaration_of
from stack.services import SERVICES

from tests.isolation.examples import document_of

LIST = Path(__file__).with_name("duties.txt")


def declared(name: str) -> list[str]:
    """A line a route: service, method, path, reach, and of which duties (or services) its caller needs one."""
    lines = []
    for route in import_module(f"{name}.service").service.routes:
        said = declaration_of(route)
        whom = ",".join(sorted(said.duties or said.services)) or "-"
        lines += [f"{name} {method} {route.path} {said.reach} {whom}" for method in sorted(route.methods)]
    return sorted(lines)


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_declares_what_the_list_says(name):
    kept = [line for line in LIST.read_text().splitlines() if line.startswith(f"{name} ")]
    assert declared(name) == kept


@pytest.mark.parametrize("name", SERVICES)
def test_openapi_shows_what_every_route_declares(name):
    shown = []
    for path, operations in document_of(name)["paths"].items():
        for method, operation in operations.items():
            whom = ",".join(operation.get("x-duties") or operation.get("x-services") or ["-"])
            shown.append(f"{name} {method.upper()} {path} {operation['x-reach']} {whom}")
    assert sorted(shown) == declared(name)
