"""Bad input at every route, at ids of the story: a problem that names the field, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from solidary_testing import eventually
from stack.services import SERVICES

from tests.conftest import Told
from tests.isolation.examples import document_of, example, resolved
from tests.isolation.walks import WALKS, Walk

JUDGED_LATER = [walk for walk in WALKS if walk.body and walk.route.status_code == 202]
"""What a file holds is judged by the worker that takes it in (services/planning/tests/territory/cities)."""

WRONG = {"wrong": ["kind"]}
"""Fits nowhere: no field takes an object of this shape."""

BY_THEMSELVES = {"access_seal"}
"""Tables that a timer writes meanwhile."""


def typed(walk: Walk) -> list[str]:
    """The queries of a route for which not just any words will do."""
    document = document_of(walk.service)
    strict = {"integer", "number", "boolean", "null"}
    return [
        query["name"]
        for query in walk.queries
        for schemas in [[resolved(one, document) for one in query["schema"].get("anyOf", [query["schema"]])]]
        if all(one.get("type") in strict or one.keys() & {"format", "enum", "pattern"} for one in schemas)
    ]


Place = tuple[str | int, ...]
Digest = dict[str, tuple[int, int]]


@pytest.fixture(scope="module")
async def settled(told: Told) -> dict[str, Digest]:
    """What each service holds when nothing is under way any more that the story began."""
    seen: dict[str, Digest] = {}

    async def quiet() -> bool:
        before = dict(seen)
        seen.update({service: digest(told, service) for service in SERVICES})
        return seen == before

    await eventually(quiet, within=60, what="quiet in every service")
    return seen


@pytest.fixture
def refused(told, held, everybody, caller, settled):
    """Sends requests to a route, as who holds what it names; each must be refused, and name what was wrong."""
    with httpx.Client(timeout=30) as client:

        def send(walk: Walk, *, ids: dict[str, Any] | None = None, **request: Any) -> httpx.Response:
            rows = held[walk.place(walk.deepest) or ""] if walk.deepest else []
            owner = rows[-1].owner if rows else next(iter(everybody))
            known = (walk.to(rows[-1]) if rows else {}) | (ids or {})
            path = walk.route.path
            for name in walk.route.param_convertors:
                path = path.replace(f"{{{name}}}", str(known.get(name, uuid4())))
            headers = caller(walk, owner) if walk.declaration.reach != "public" else {}
            return client.request(
                walk.method,
                told.run.services[walk.service] + path,
                headers=headers | {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"},
                **request,
            )

        yield send


@pytest.fixture
def unchanged(told, settled, walk: Walk):
    """Every row of the service is afterwards as it was before."""
    yield
    before, settled[walk.service] = settled[walk.service], digest(told, walk.service)
    changed_tables = {table for table, rows in settled[walk.service].items() if before[table] != rows}
    assert not changed_tables


def walks(*chosen: Walk) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("walk", chosen, ids=str)


@walks(*(walk for walk in WALKS if walk.body and walk not in JUDGED_LATER))
def test_each_wrong_field_of_a_body_is_named_and_nothing_changes(refused, unchanged, walk: Walk):
    document = document_of(walk.service)
    good = example(walk.body, document)
    for place in fields(good):
        assert_named(refused(walk, json=changed(good, place, WRONG)), in_body(place))
    for place in required(walk.body, good, document):
        assert_named(refused(walk, json=without(good, place)), in_body(place))
    for place in closed(walk.body, good, document):
        unknown = (*place, "canary_field")
        assert_named(refused(walk, json=changed(good, unknown, 1)), in_body(unknown))
    for body in (b'"no object"', b"[]", b"null", b'{"cut'):
        assert refused(walk, content=body).status_code == 422


@walks(*(walk for walk in WALKS if typed(walk)))
def test_each_wrong_query_is_named_and_nothing_changes(refused, unchanged, walk: Walk):
    for name in typed(walk):
        assert_named(refused(walk, params={name: "ñ no such thing"}), f"query: {name}")


@walks(*(walk for walk in WALKS if walk.in_path))
def test_each_wrong_id_of_a_path_is_named_and_nothing_changes(refused, unchanged, walk: Walk):
    for name in walk.in_path:
        body = example(walk.body, document_of(walk.service)) if walk.body else None
        answer = refused(walk, ids={name: "no-id"}, json=body)
        if walk.declaration.reach == "public":
            assert answer.status_code in (404, 422)
        else:
            assert_named(answer, f"path: {name}")


def fields(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a body, down to the last."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inside in items:
        yield (*place, step)
        yield from fields(inside, (*place, step))


def objects(
    schema: dict[str, Any], value: Any, document: dict[str, Any], place: Place = ()
) -> Iterator[tuple[Place, dict[str, Any], dict[str, Any]]]:
    """Every object of a body with its schema; where there is a choice of schemas, not what is inside."""
    schema = resolved(schema, document)
    if isinstance(value, dict) and "properties" in schema:
        yield place, schema, value
        for name, inside in value.items():
            yield from objects(schema["properties"].get(name, {}), inside, document, (*place, name))
    if isinstance(value, list):
        for number, inside in enumerate(value):
            yield from objects(schema.get("items", {}), inside, document, (*place, number))


def required(schema: dict[str, Any], good: Any, document: dict[str, Any]) -> Iterator[Place]:
    for place, inside, value in objects(schema, good, document):
        yield from ((*place, name) for name in inside.get("required", []) if name in value)


def closed(schema: dict[str, Any], good: Any, document: dict[str, Any]) -> Iterator[Place]:
    """The objects that take no other fields than their own."""
    for place, inside, _ in objects(schema, good, document):
        if inside.get("additionalProperties") is False:
            yield place


def changed(body: Any, place: Place, value: Any) -> Any:
    body = deepcopy(body)
    within = body
    for step in place[:-1]:
        within = within[step]
    within[place[-1]] = value
    return body


def without(body: Any, place: Place) -> Any:
    body = deepcopy(body)
    within = body
    for step in place[:-1]:
        within = within[step]
    del within[place[-1]]
    return body


def in_body(place: Place) -> str:
    """As a JSON pointer. A choice between schemas is named where it is made: its `kind` is the object's."""
    return "".join(f"/{step}" for step in (place[:-1] if place[-1:] == ("kind",) and place[1:] else place))


def assert_named(answer: httpx.Response, place: str) -> None:
    assert answer.status_code == 422, (place, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    # A geometry is wrong as a whole: its own field is named.
    whole = tuple(pointer for pointer in pointers if pointer == "/outline")
    assert any(pointer.startswith(place) for pointer in pointers) or place.startswith(whole), (
        place,
        pointers,
    )


def digest(told: Told, service: str) -> Digest:
    """Of each table of data and of what is published: its rows, and the sum of their hashes. One statement."""
    with psycopg.connect(told.run.postgres.admin, dbname=service) as connection:
        tables = connection.execute(
            """SELECT schemaname, tablename FROM pg_tables WHERE NOT tablename = ANY (%s)
            AND (schemaname IN ('data', 'published') OR (schemaname, tablename) IN
                (('machinery', 'root'), ('machinery', 'stream')))""",
            [list(BY_THEMSELVES)],
        ).fetchall()
        counted = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} t").format(
                sql.Literal(f"{schema}.{table}"), sql.Identifier(schema, table)
            )
            for schema, table in tables
        )
        return {table: (rows, hashes) for table, rows, hashes in connection.execute(counted).fetchall()}
