"""Every request body of every service is shown by an example, which the service would take."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cash.engines.bank_messages.reports import StatusReportFile
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from stack.services import SERVICES

from tests.isolation.examples import document_of, resolved

BODIES = [
    pytest.param(name, route, method, id=f"{name} {method} {route.path}")
    for name in SERVICES
    for route in import_module(f"{name}.service").service.routes
    for method in sorted(route.methods)
    if "requestBody" in document_of(name)["paths"][route.path][method.lower()]
]


def reads_as_its_model(route: APIRoute) -> Callable[[Any], object]:
    upload = getattr(route.endpoint, "upload", None)
    model = upload.model if upload else route.dependant.body_params[0].field_info.annotation
    return lambda body: TypeAdapter(model).validate_json(json.dumps(body))


@pytest.mark.parametrize(("name", "route", "method"), BODIES)
def test_a_body_has_an_example_that_is_valid(name, route, method, tmp_path: Path):
    document = document_of(name)
    content = document["paths"][route.path][method.lower()]["requestBody"]["content"]
    for media, described in content.items():
        examples = resolved(described["schema"], document).get("examples", [])
        assert examples, f"{media} has no example"
        for example in examples:
            if media == "application/json":
                reads_as_its_model(route)(example)
            else:
                file = tmp_path / "example.xml"
                file.write_text(example)
                assert list(StatusReportFile(file))
