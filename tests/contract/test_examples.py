"""Every request body of every service has an example, which its own model accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cash.engines.bank_messages.reports import StatusReportFile
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from solidary.files.tables import read_rows
from solidary.platform.bulk import FileFormat, read_json_lines
from solidary.platform.registry import load_service, service_names

from tests.isolation.examples import document_of, resolved

BODIES = [
    pytest.param(name, route, method, id=f"{name} {method} {route.path}")
    for name in service_names()
    for route in load_service(name).routes
    for method in sorted(route.methods)
    if "requestBody" in document_of(name)["paths"][route.path][method.lower()]
]


def validator(route: APIRoute) -> Callable[[Any], object]:
    """Return a function that validates a body with the model of a route."""
    upload = getattr(route.endpoint, "upload", None)
    model = upload.model if upload else route.dependant.body_params[0].field_info.annotation
    return lambda body: TypeAdapter(model).validate_json(json.dumps(body))


@pytest.mark.parametrize(("name", "route", "method"), BODIES)
def test_body_has_a_valid_example(name, route, method, tmp_path: Path):
    document = document_of(name)
    content = document["paths"][route.path][method.lower()]["requestBody"]["content"]
    for media, described in content.items():
        if media == FileFormat.XLSX:
            continue  # the columns are those of the example in CSV
        examples = resolved(described["schema"], document).get("examples", [])
        assert examples, f"{media} has no example"
        for example in examples:
            if media == "application/json":
                validator(route)(example)
            elif media in tuple(FileFormat):
                file = tmp_path / "example"
                file.write_text(example)
                rows = read_json_lines(file) if media == FileFormat.JSON_LINES else read_rows(file, [])
                assert len(list(rows)) == 1
            else:
                file = tmp_path / "example.xml"
                file.write_text(example)
                assert list(StatusReportFile(file))
