"""A client is generated from every OpenAPI document without a warning, and its types are right."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from solidary.platform.registry import service_names

from tests.contract.snapshots import ROOT
from tests.isolation.examples import document_of

CONFIG = ROOT / "docs/integrating/openapi-python-client.yml"
GENERATE = "import sys; from openapi_python_client.cli import app; sys.argv.insert(1, 'generate'); app()"
METHODS = ("get", "put", "post", "delete", "patch")


def test_clients_are_generated_without_a_warning_and_their_types_are_right(tmp_path: Path) -> None:
    for name in service_names():
        document = ROOT / "services" / name / "openapi.json"
        options = ["--path", str(document), "--output-path", f"{name}_api", "--config", str(CONFIG)]
        generated = _run("-c", GENERATE, "--meta", "none", "--fail-on-warning", *options, folder=tmp_path)
        assert generated.returncode == 0, generated.stdout + generated.stderr
    # A value of a union without a schema of its own is returned by the generated code as it came, as an Any.
    checked = _run("-m", "mypy", "--strict", "--no-warn-return-any", "--config-file=", ".", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout[-3000:]


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", service_names())
def test_every_status_that_a_client_meets_is_described_as_a_problem(name: str) -> None:
    for label, operation in _operations(document_of(name)):
        statuses = {status for status in operation["responses"] if status[0] in "45d"}
        needed = {"422", "429", "503", "default"}
        needed |= {"401", "403"} if operation.get("security") else set()
        needed |= {"404"} if "{" in label else set()
        assert needed <= statuses, label
        for status in statuses:
            (content,) = operation["responses"][status]["content"].values()
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, label


@pytest.mark.parametrize("name", service_names())
def test_no_two_enumerations_have_one_title(name: str) -> None:
    titles = Counter(schema["title"] for schema in _enumerations(document_of(name)) if "title" in schema)
    assert [title for title, count in titles.items() if count > 1] == []


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def _enumerations(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "enum" in part:
            yield part
        for inner in part.values():
            yield from _enumerations(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _enumerations(inner)
