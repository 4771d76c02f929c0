"""A client is generated from every OpenAPI document without a warning, and its types are right."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from solidary.platform.registry import service_names
from workspace import client

from tests.isolation.examples import document_of

METHODS = ("get", "put", "post", "delete", "patch")


def test_clients_are_generated_without_a_warning_and_their_types_are_right(tmp_path: Path) -> None:
    # A warning of the generator ends the build.
    with ZipFile(client.build()) as wheel:
        wheel.extractall(tmp_path)
    assert {each.name for each in (tmp_path / "solidary_client/generated").iterdir()} >= set(service_names())
    # A value of a union without a schema of its own is returned by the generated code as it came, as an Any.
    options = ["--strict", "--no-warn-return-any", "--config-file="]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]


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
