"""Every route of every service, called by agencies that it is none of the business of.

What another agency holds must look exactly like what does not exist: same status, same problem, no row, no count.
The routes and their reach come from the services' own declarations, so a new route is walked from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute
from solidary.identity import Duty
from solidary.service import Service
from solidary.web import Declaration, declaration_of
from stack.agencies import AGENCIES
from stack.services import SERVICES

from tests.conftest import Told
from tests.isolation.examples import document_of, example

PER_OWNER = 2
CLIENTS_OWN_ID = "{registration_id}"


def service_of(name: str) -> Service:
    service: Service = import_module(f"{name}.service").service
    return service


ROUTES = [
    pytest.param(
        name, route, declaration_of(route), id=f"{name} {'/'.join(sorted(route.methods))} {route.path}"
    )
    for name in SERVICES
    for route in service_of(name).routes
]


@dataclass(frozen=True)
class Held:
    """An aggregate: whose it is, who else may reach it, and who knows of it: by an event, or as everybody does."""

    id: UUID
    owner: UUID
    shared_with: frozenset[UUID]
    told_to: frozenset[UUID]
    public: bool

    def is_foreign_to(self, agency: UUID) -> bool:
        return agency != self.owner and agency not in self.shared_with

    def is_unknown_to(self, agency: UUID) -> bool:
        return self.is_foreign_to(agency) and agency not in self.told_to and not self.public


@pytest.fixture(scope="module")
def held(told: Told) -> dict[str, list[Held]]:
    """Some aggregates of each owner in each service."""
    found: dict[str, list[Held]] = {}
    for name in SERVICES:
        with psycopg.connect(told.run.postgres.admin, dbname=name) as connection:
            rows = connection.execute(
                """
                SELECT root, agency, ARRAY(SELECT s.agency FROM data.share s WHERE s.root = r.root),
                    ARRAY(SELECT f.agency FROM machinery.feed f WHERE f.subject = r.root::text)
                FROM (SELECT *, row_number() OVER (PARTITION BY agency ORDER BY random()) AS nth
                    FROM machinery.root) AS r
                WHERE nth <= %s
                """,
                [PER_OWNER],
            ).fetchall()
            public = published(connection)
        found[name] = [
            Held(root, owner, frozenset(shared), frozenset(informed), root in public)
            for root, owner, shared, informed in rows
        ]
    return found


def published(connection: psycopg.Connection[Any]) -> set[UUID]:
    """The ids of what a service publishes."""
    tables = connection.execute(
        """SELECT table_name FROM information_schema.columns
        WHERE table_schema = 'published' AND column_name = 'id' AND data_type = 'uuid'"""
    ).fetchall()
    return {
        id_
        for (table,) in tables
        for (id_,) in connection.execute(f"SELECT id FROM published.{table}".encode()).fetchall()
    }


@pytest.fixture(scope="module")
def everybody(tokens) -> dict[UUID, dict[str, str]]:
    """For each agency, somebody who holds every duty there."""
    return {tokens.agency(agency.alias): tokens.of(agency.alias, *Duty) for agency in AGENCIES}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


@pytest.mark.parametrize(("name", "route", "declaration"), ROUTES)
def test_what_another_agency_holds_looks_like_what_does_not_exist(
    told, client, held, everybody, tokens, name: str, route: APIRoute, declaration: Declaration
):
    if declaration.reach == "public" or "{" not in route.path:
        pytest.skip("names no aggregate of an agency")
    if CLIENTS_OWN_ID in route.path:
        pytest.skip("the client makes the id up; another agency's same id is another registration")
    document = document_of(name)
    assert held[name], f"the story left nothing in {name} to look for"
    for method in sorted(route.methods):
        for agency, person in everybody.items():
            caller = person
            if declaration.reach == "service":
                caller = tokens.service(sorted(declaration.services)[0], acting_for=agency)
            nothing = ask(told, client, name, route, method, uuid4(), caller, document)
            for thing in held[name]:
                if not thing.is_foreign_to(agency):
                    continue
                answer = ask(told, client, name, route, method, thing.id, caller, document)
                assert answer.status_code >= 400, f"{method} {route.path} reached {thing} for {agency}"
                assert (answer.status_code, kind(answer)) == (nothing.status_code, kind(nothing))


@pytest.mark.parametrize(("name", "route", "declaration"), ROUTES)
def test_a_list_holds_nothing_of_another_agency(
    told, client, held, everybody, name: str, route: APIRoute, declaration: Declaration
):
    if declaration.reach not in ("agency", "shared") or "{" in route.path or "GET" not in route.methods:
        pytest.skip("not a list of an agency's rows")
    if route.path == "/events":
        pytest.skip(
            "tells each agency what it is a party to; held by libs/common/tests/machinery/test_web.py"
        )
    for agency, person in everybody.items():
        answer = client.get(told.run.services[name] + route.path, headers=person)
        assert answer.status_code in (200, 422), answer.text
        unknown = [str(thing.id) for thing in held[name] if thing.is_unknown_to(agency)]
        assert not [identifier for identifier in unknown if identifier in answer.text]


@pytest.mark.parametrize(("name", "route", "declaration"), ROUTES)
def test_a_route_asks_for_a_token_unless_it_is_public(told, client, name, route, declaration):
    document = document_of(name)
    for method in sorted(route.methods):
        answer = ask(told, client, name, route, method, uuid4(), {}, document)
        if declaration.reach == "public":
            assert answer.status_code != 401
        else:
            assert answer.status_code == 401


@pytest.mark.parametrize(("name", "route", "declaration"), ROUTES)
def test_a_member_without_duties_is_refused(told, client, tokens, name, route, declaration):
    if declaration.reach == "public" or (declaration.reach != "service" and not declaration.duties):
        pytest.skip("open to every member")
    document = document_of(name)
    for method in sorted(route.methods):
        answer = ask(told, client, name, route, method, uuid4(), tokens.of("manos-vecinas"), document)
        assert answer.status_code == 403


def ask(told, client, name, route, method, identifier, headers, document) -> httpx.Response:
    """Calls a route with one id in every place of its path, and a valid body where it takes one."""
    path = re.sub(r"\{[^}]+\}", str(identifier), route.path)
    operation = document["paths"][route.path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json")
    kwargs = {"json": example(body["schema"], document)} if body else {}
    query = {
        parameter["name"]: example(parameter["schema"], document)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and parameter.get("required")
    }
    if method == "POST":
        headers = headers | {"Idempotency-Key": str(uuid4())}
    return client.request(method, told.run.services[name] + path, headers=headers, params=query, **kwargs)


def kind(answer: httpx.Response) -> str:
    problem = answer.json()
    return str(problem["type"])
