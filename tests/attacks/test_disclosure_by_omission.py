"""Attacks by leaving a word out: nothing becomes public or stays open because a field was not sent.

A shelter's coordinates were published by replacing its entry without the word `confidential`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary.platform.registry import service_names

from tests.conftest import ScenarioRun
from tests.isolation.examples import document_of, resolved

PROTECTING = re.compile(
    r"confidential|secret|private|public|publish|publication|visib|audience|scope|level|until"
)
"""Names of fields that decide who sees something, or for how long."""

MAY_HAVE_A_DEFAULT = {
    (
        "intake",
        "ConsentIn",
        "valid_until",
    ): "a consent without a stated end has the end of the country's pack",
}
"""Fields of such a name whose default opens nothing, with the reason."""

SHELTER = {
    "name": "Casa segura",
    "organization": "Casa Abierta",
    "description": "Alojamiento con dirección reservada",
    "category": "shelter",
    "status": "inactive",
    "eligibility": None,
    "area": "PA1307",
    "latitude": 8.8786,
    "longitude": -79.7833,
}


def fields_of_requests(service: str) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield each field of the bodies of PUT, POST and PATCH: its schema, name, description, whether it is required."""
    document = document_of(service)
    seen: set[str] = set()

    def walk(node: Any) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
        if isinstance(node, list):
            for each in node:
                yield from walk(each)
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[1]
            if name not in seen:
                seen.add(name)
                schema = resolved(node, document)
                for field, inside in schema.get("properties", {}).items():
                    yield name, field, inside, field in schema.get("required", [])
                yield from walk(schema)
        for inside in node.values():
            yield from walk(inside)

    for path in document["paths"].values():
        for method, operation in path.items():
            if method in ("put", "post", "patch"):
                yield from walk(operation.get("requestBody", {}))


@pytest.mark.parametrize("service", service_names())
def test_field_that_protects_has_no_default(service: str) -> None:
    """Attack: look for a field in every API that opens something when it is left out."""
    for schema, field, description, is_required in fields_of_requests(service):
        is_marked = bool(description.get("x-protects"))
        if is_marked or PROTECTING.search(field):
            is_excepted = (service, schema, field) in MAY_HAVE_A_DEFAULT
            assert is_required or is_excepted, f"{service} {schema}.{field} may open something by its default"
        if is_marked:
            assert "default" not in description


def test_fields_that_protect_are_marked() -> None:
    """Check that the walk knows the fields that opened something by their default."""
    marked = {
        (schema, field)
        for schema, field, description, _ in fields_of_requests("referrals")
        if description.get("x-protects")
    }
    assert marked == {
        ("DirectoryServiceIn", "confidential"),
        ("DirectoryServiceReplacement", "confidential"),
        ("DirectoryServiceReplacement", "status"),
        ("DirectoryServiceReplacement", "eligibility"),
        ("ServiceShareIn", "until"),
    }


class Editor:
    """A directory editor of the agency that runs the shelter."""

    def __init__(self, scenario_run: ScenarioRun, headers: dict[str, str]) -> None:
        self.url, self.headers = scenario_run.run.services["referrals"], headers

    def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a request."""
        return httpx.request(method, self.url + path, json=body, headers=self.headers, timeout=30)


@pytest.fixture(scope="module")
def editors(scenario_run: ScenarioRun, tokens: Any) -> list[Editor]:
    """Two directory editors of the same agency."""
    return [
        Editor(scenario_run, tokens.of("casa-abierta", Duty.DIRECTORY_EDITOR, number=number))
        for number in (1, 2)
    ]


@pytest.fixture
def shelter(editors: list[Editor]) -> Iterator[str]:
    """The path of a confidential entry, which is confidential again after the test."""
    made = editors[0].call("POST", "/directory/services", SHELTER | {"confidential": True})
    assert made.status_code == 201, made.text
    path = f"/directory/services/{made.json()['service_id']}"
    yield path
    assert editors[0].call("PUT", path, SHELTER | {"confidential": True}).status_code == 200


def is_public(editor: Editor, path: str) -> bool:
    """Return whether everybody can read the entry without a token."""
    return httpx.get(editor.url + path.removeprefix("/directory")).status_code == 200


def test_entry_does_not_become_public_by_a_replacement(editors: list[Editor], shelter: str) -> None:
    """Attack: replace the entry without the word, then with the opposite word."""
    for body, status in ((SHELTER, 422), (SHELTER | {"confidential": False}, 409)):
        assert editors[0].call("PUT", shelter, body).status_code == status
        assert not is_public(editors[0], shelter)


def test_closed_service_does_not_open_by_a_replacement(editors: list[Editor], shelter: str) -> None:
    """Attack: replace the entry without its status, or without the rule on whom it admits."""
    for word in ("status", "eligibility"):
        body = SHELTER | {"confidential": True}
        del body[word]
        refused = editors[0].call("PUT", shelter, body)
        assert refused.status_code == 422
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{word}"]
    assert editors[0].call("GET", shelter).json()["status"] == "inactive"


def test_one_person_cannot_publish_a_confidential_entry(editors: list[Editor], shelter: str) -> None:
    """Attack: request the publication and confirm the own request, also by a second request."""
    first, second = editors
    asked = first.call("POST", f"{shelter}/publication-requests", {"reason": "x"})
    assert asked.status_code == 201, asked.text
    request = asked.headers["location"]
    assert first.call("POST", f"{request}/confirm").status_code == 409
    assert not is_public(first, shelter)
    done = second.call("POST", f"{request}/confirm")
    assert done.status_code == 200, done.text
    assert is_public(first, shelter)
    assert done.json()["requested_by"] != done.json()["confirmed_by"]


def test_database_role_cannot_publish_a_confidential_entry(
    scenario_run: ScenarioRun, tokens: Any, editors: list[Editor], shelter: str
) -> None:
    """Attack: write as the service's own database role, in another person's name."""
    service_id = UUID(shelter.rsplit("/", 1)[1])
    forged = (
        "INSERT INTO data.publication_request (id, root, reason, requested_by, confirmed_by, confirmed_at) "
        "VALUES (gen_random_uuid(), %(id)s, 'x', gen_random_uuid(), gen_random_uuid(), now())"
    )
    for statements in ((), (forged,)):
        with psycopg.connect(scenario_run.run.databases["referrals"]["app"]) as connection:
            connection.execute(
                "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)",
                [str(tokens.agency("casa-abierta")), str(uuid4())],
            )
            for statement in statements:
                connection.execute(statement, {"id": service_id})
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.execute(
                    "UPDATE data.service SET confidential = false WHERE id = %(id)s", {"id": service_id}
                )
            connection.rollback()
    assert not is_public(editors[0], shelter)


def test_share_without_a_stated_end_is_refused(editors: list[Editor], shelter: str, tokens: Any) -> None:
    """Attack: share a confidential entry for ever by leaving the end out."""
    share = f"{shelter}/shares/{tokens.agency('iom')}"
    assert editors[0].call("PUT", share, {}).status_code == 422
    assert editors[0].call("PUT", share, {"until": None}).status_code == 204
    assert editors[0].call("DELETE", share).status_code == 204
