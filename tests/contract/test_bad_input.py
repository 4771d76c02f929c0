"""Invalid input to every operation is refused with a problem that names the field, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from solidary.language.problems import json_pointer
from solidary.platform.registry import service_names
from solidary_testing import eventually

from tests.conftest import ScenarioRun
from tests.isolation.examples import document_of, example, resolved
from tests.isolation.operations import OPERATIONS, Operation, for_each

CHECKED_LATER = [
    operation for operation in OPERATIONS if operation.body and operation.route.status_code == 202
]
"""The operations whose bodies are checked by the worker that imports them (services/planning/tests/territory)."""

INVALID = {"invalid": ["value"]}
"""A value that no field accepts."""

WRITTEN_BY_TIMERS = {"access_seal", "access_verification", "event", "feed"}
"""Tables that a timer, or the arrival of other services' events in the feed, may write during a test."""
SEAL_COLUMNS = "{seal,changed_by}"
"""Columns of the access log that the timer writes when it seals an entry."""


def restricted_queries(operation: Operation) -> list[str]:
    """Return the names of an operation's query parameters that do not accept every text."""
    document = document_of(operation.service)
    types = {"integer", "number", "boolean", "null"}
    return [
        query["name"]
        for query in operation.queries
        for schemas in [[resolved(one, document) for one in query["schema"].get("anyOf", [query["schema"]])]]
        if all(one.get("type") in types or one.keys() & {"format", "enum", "pattern"} for one in schemas)
    ]


Path = tuple[str | int, ...]
"""The path of a field in a body."""

Digest = dict[str, tuple[int, int]]
"""For each table the number of its rows and the sum of their hashes."""


@pytest.fixture(scope="module")
async def digests(scenario_run: ScenarioRun) -> dict[str, Digest]:
    """The digest of each service's tables, when nothing that the scenario started is still running."""
    seen: dict[str, Digest] = {}

    async def unchanged() -> bool:
        before = dict(seen)
        seen.update({service: digest(scenario_run, service) for service in service_names()})
        return seen == before

    await eventually(unchanged, within=60, what="tables that no longer change")
    return seen


@pytest.fixture
def send(scenario_run, stored_rows, agency_headers, headers_for, digests):
    """A function that calls an operation as the owner of the row that its path names."""
    with httpx.Client(timeout=30) as client:

        def call(
            operation: Operation, *, ids: dict[str, Any] | None = None, **request: Any
        ) -> httpx.Response:
            table = operation.table_of(operation.last_id) if operation.last_id else None
            rows = stored_rows[table] if table else []
            owner = rows[-1].owner if rows else next(iter(agency_headers))
            known = (operation.path_to(rows[-1]) if rows else {}) | (ids or {})
            path = operation.route.path
            for name in operation.route.param_convertors:
                path = path.replace(f"{{{name}}}", str(known.get(name, uuid4())))
            headers = headers_for(operation, owner) if operation.declaration.reach != "public" else {}
            return client.request(
                operation.method,
                scenario_run.run.services[operation.service] + path,
                headers=headers | {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"},
                **request,
            )

        yield call


@pytest.fixture
def unchanged(scenario_run, digests, operation: Operation):
    """A check that every row of the service is the same after the test."""
    yield
    before, digests[operation.service] = digests[operation.service], digest(scenario_run, operation.service)
    now = digests[operation.service]
    assert not {table for table, rows in now.items() if before[table] != rows}


@for_each(*(operation for operation in OPERATIONS if operation.body and operation not in CHECKED_LATER))
def test_each_invalid_field_of_a_body_is_named_and_nothing_changes(send, unchanged, operation: Operation):
    document = document_of(operation.service)
    valid = example(operation.body, document)
    for path in paths(valid):
        assert_named(send(operation, json=changed(valid, path, INVALID)), pointer(path))
    for path in required_paths(operation.body, valid, document):
        assert_named(send(operation, json=without(valid, path)), pointer(path))
    for path in closed_objects(operation.body, valid, document):
        unknown = (*path, "canary_field")
        assert_named(send(operation, json=changed(valid, unknown, 1)), pointer(unknown))
    for path, value in other_types(operation.body, valid, document):
        assert_named(send(operation, json=changed(valid, path, value)), pointer(path))
    for body in (b'"no object"', b"[]", b"null", b'{"cut'):
        assert send(operation, content=body).status_code == 422


@for_each(*(operation for operation in OPERATIONS if restricted_queries(operation)))
def test_each_invalid_query_is_named_and_nothing_changes(send, unchanged, operation: Operation):
    for name in restricted_queries(operation):
        assert_named(send(operation, params={name: "ñ not such a value"}), f"query: {name}")


@for_each(*(operation for operation in OPERATIONS if operation.method in ("GET", "POST")))
def test_an_unknown_query_parameter_is_named_and_nothing_changes(send, unchanged, operation: Operation):
    body = example(operation.body, document_of(operation.service)) if operation.body else None
    answer = send(operation, json=body, params={"canary_filter": "1"})
    assert_named(answer, "query: canary_filter")


@for_each(*(operation for operation in OPERATIONS if operation.path_ids))
def test_each_invalid_id_of_a_path_is_named_and_nothing_changes(send, unchanged, operation: Operation):
    for name in operation.path_ids:
        body = example(operation.body, document_of(operation.service)) if operation.body else None
        answer = send(operation, ids={name: "not-an-id"}, json=body)
        if operation.declaration.reach == "public":
            assert answer.status_code in (404, 422)
        else:
            assert_named(answer, f"path: {name}")


OTHER_TYPES = {
    "integer": (True, "5", 5.5),
    "number": (True, "5"),
    "boolean": (1, "true"),
    "string": (5, True),
    "date": (0, "0"),
    "date-time": (0, "86400"),
}
"""For each type, and each format of a text, values of other types that some libraries turn into it."""


def other_types(schema: dict[str, Any], valid: Any, document: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield values of other types for each field of a body that has one type."""
    for path, inside, value in objects(schema, valid, document):
        for name in value:
            field = resolved(inside["properties"].get(name, {}), document)
            kind = field.get("type")
            if isinstance(kind, str) and "enum" not in field and "const" not in field:
                others = OTHER_TYPES.get(field.get("format", kind), OTHER_TYPES.get(kind, ()))
                yield from (((*path, name), other) for other in others)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every field of a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inside in items:
        yield (*path, step)
        yield from paths(inside, (*path, step))


def objects(
    schema: dict[str, Any], value: Any, document: dict[str, Any], path: Path = ()
) -> Iterator[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Yield every object of a body with its path and schema, except within a choice of schemas."""
    schema = resolved(schema, document)
    if isinstance(value, dict) and "properties" in schema:
        yield path, schema, value
        for name, inside in value.items():
            yield from objects(schema["properties"].get(name, {}), inside, document, (*path, name))
    if isinstance(value, list):
        for number, inside in enumerate(value):
            yield from objects(schema.get("items", {}), inside, document, (*path, number))


def required_paths(schema: dict[str, Any], valid: Any, document: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths of a body's required fields."""
    for path, inside, value in objects(schema, valid, document):
        yield from ((*path, name) for name in inside.get("required", []) if name in value)


def closed_objects(schema: dict[str, Any], valid: Any, document: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths of a body's objects that accept no other fields than their own."""
    for path, inside, _ in objects(schema, valid, document):
        if inside.get("additionalProperties") is False:
            yield path


def changed(body: Any, path: Path, value: Any) -> Any:
    """Return a copy of a body with another value at a path."""
    body = deepcopy(body)
    within = body
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = value
    return body


def without(body: Any, path: Path) -> Any:
    """Return a copy of a body without the field at a path."""
    body = deepcopy(body)
    within = body
    for step in path[:-1]:
        within = within[step]
    del within[path[-1]]
    return body


def pointer(path: Path) -> str:
    """Return the pointer by which a fault names a path: for the `kind` that chooses a schema, that of its object."""
    return json_pointer(path[:-1] if path[-1:] == ("kind",) and path[1:] else path)


def assert_named(answer: httpx.Response, place: str) -> None:
    assert answer.status_code == 422, (place, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    # A geometry is invalid as a whole, so its own field is named.
    whole = tuple(found for found in pointers if found == "/outline")
    assert any(found.startswith(place) for found in pointers) or place.startswith(whole), (place, pointers)


def digest(scenario_run: ScenarioRun, service: str) -> Digest:
    """Return the digest of a service's tables, read in one statement."""
    with psycopg.connect(scenario_run.run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT schemaname, tablename FROM pg_tables WHERE NOT tablename = ANY (%s)
            AND (schemaname IN ('data', 'published') OR (schemaname, tablename) IN
                (('machinery', 'root'), ('machinery', 'stream')))""",
            [list(WRITTEN_BY_TIMERS)],
        ).fetchall()
        counted = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {}, count(*), coalesce(sum(hashtextextended((to_jsonb(t) - {}::text[])::text, 0)), 0) FROM {} t"
            ).format(sql.Literal(f"{schema}.{table}"), SEAL_COLUMNS, sql.Identifier(schema, table))
            for schema, table in tables
        )
        return {table: (rows, hashes) for table, rows, hashes in connection.execute(counted).fetchall()}
