"""Bad input at every route that takes a body: a problem that names the field, and nothing changed."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.identity import Duty
from solidary.web import declaration_of
from stack.services import SERVICES

from tests.isolation.examples import document_of, example, resolved

TAKES_A_BODY = [
    pytest.param(name, route, id=f"{name} {'/'.join(sorted(route.methods))} {route.path}")
    for name in SERVICES
    for route in import_module(f"{name}.service").service.routes
    if route.body_field is not None
]


@pytest.mark.parametrize(("name", "route"), TAKES_A_BODY)
def test_each_wrong_field_is_named_and_nothing_changes(told, tokens, name, route):
    document = document_of(name)
    (method,) = route.methods
    content = document["paths"][route.path][method.lower()]["requestBody"]["content"]
    if "application/json" not in content:
        pytest.skip("takes a file; its own tests wound it")
    schema = resolved(content["application/json"]["schema"], document)
    good = example(schema, document)
    declared = declaration_of(route)
    headers = tokens.of("unhcr", *Duty)
    if declared.reach == "service":
        headers = tokens.service(sorted(declared.services)[0], acting_for=tokens.agency("unhcr"))
    before = told_by(told, name)
    with httpx.Client(timeout=30) as client:

        def send(body: Any) -> httpx.Response:
            path = route.path
            for parameter in route.param_convertors:
                path = path.replace(f"{{{parameter}}}", str(uuid4()))
            return client.request(
                method,
                told.run.services[name] + path,
                json=body,
                headers=headers | {"Idempotency-Key": str(uuid4())},
            )

        for field in schema.get("required", []):
            assert_named(send({key: value for key, value in good.items() if key != field}), field)
            assert_named(send(good | {field: {"wrong": ["kind"]}}), field)
        if schema.get("additionalProperties") is False:
            assert_named(send(good | {"canary_field": 1}), "canary_field")
        assert send("no object").status_code == 422
    assert told_by(told, name) == before


def assert_named(answer: httpx.Response, field: str) -> None:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert any(pointer.startswith(f"/{field}") for pointer in pointers), pointers


def told_by(told, name: str) -> tuple[Any, ...]:
    """How many events a service has told, and for how many aggregates."""
    with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
        row = connection.execute("SELECT sum(sequence), count(*) FROM machinery.stream").fetchone()
    assert row is not None
    return row
