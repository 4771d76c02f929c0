"""Every OpenAPI document is valid and up to date, and no request that conforms to it makes a service fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from solidary.platform.registry import service_names
from solidary.platform.web.versions import versioned_of
from solidary_testing.inputs import meaningless_texts, odd_texts

from tests.contract.snapshots import out_of_date
from tests.contract.test_bad_input import Path, changed, objects
from tests.isolation.examples import document_of, example, resolved
from tests.isolation.ids import Row
from tests.isolation.operations import OPERATIONS, Operation

EXAMPLES = 4
"""The number of requests for each operation and caller."""

CALLERS = 2
"""The number of callers of each operation: agencies with rows of the kind in its path, if it has one."""

REFUSED_EARLY = {400, 401, 403, 405, 415, 422}
"""The statuses of requests that are refused before the route's own code runs."""

MIN_REACHING = 0.5
"""The least share of requests that must reach the route's own code, for other requests do not test it."""


def test_generated_files_are_up_to_date():
    assert out_of_date() == []


WITHOUT_VERSION = {
    "intake PUT /registrations/{registration_id}": "creates: the same registration again changes nothing",
    "referrals PUT /directory/services/{service_id}/shares/{agency_id}": "one value, stated whole each time",
}
"""The operations that put something in place and take no `If-Match`, with the reason."""


def test_change_of_what_was_read_takes_its_version_and_the_read_gives_it():
    versions = [(each, versioned_of(each.route.endpoint)) for each in OPERATIONS]
    without = {str(each) for each, version in versions if version is None and each.method in ("PUT", "PATCH")}
    assert without == set(WITHOUT_VERSION)
    given = [(each.service, version) for each, version in versions if version and each.method == "GET"]
    for operation, version in versions:
        if version is None:
            continue
        assert (operation.service, version) in given, f"{operation}: no read gives this version"
        described = operation.description
        takes = any(each["name"] == "If-Match" for each in described.get("parameters", ()))
        assert (takes, "412" in described["responses"]) == (operation.method != "GET",) * 2, operation
        assert operation.method == "DELETE" or "ETag" in described["responses"]["200"]["headers"], operation


@pytest.mark.parametrize("name", service_names())
def test_document_conforms_to_openapi(name):
    validate(document_of(name))


@pytest.mark.parametrize("name", service_names())
def test_no_request_that_conforms_to_the_document_makes_the_service_fail(
    scenario_run, stored_rows, agency_headers, headers_for, name
):
    # Bodies and queries are generated. The ids are those of rows that the caller owns, with valid tokens and keys.
    schema = schemathesis.openapi.from_url(f"{scenario_run.run.services[name]}/openapi.json")
    described = {
        (found.ok().method.upper(), found.ok().path): found.ok() for found in schema.get_all_operations()
    }
    answered: Counter[int] = Counter()
    with requests.Session() as session:
        for operation in OPERATIONS:
            if operation.service != name:
                continue
            for agency, ids in callers(operation, stored_rows, agency_headers):
                headers = {} if operation.declaration.reach == "public" else headers_for(operation, agency)
                description = described[operation.method, operation.route.path]
                answered += send_generated(description, headers, ids, session)
    reached = sum(count for status, count in answered.items() if status not in REFUSED_EARLY)
    assert reached >= MIN_REACHING * answered.total(), answered


def callers(
    operation: Operation, stored_rows: dict[str, list[Row]], agency_headers: dict[UUID, dict[str, str]]
) -> Iterator[tuple[UUID, dict[str, UUID]]]:
    """Yield agencies, each with the ids of the newest row that it owns, if the operation's path names a row."""
    if operation.last_id is None:
        yield from ((agency, {}) for agency in islice(agency_headers, CALLERS))
        return
    newest = {row.owner: row for row in stored_rows[operation.table_of(operation.last_id) or ""]}
    yield from ((owner, operation.path_to(row)) for owner, row in islice(newest.items(), CALLERS))


def send_generated(
    description: Any, headers: dict[str, str], ids: dict[str, UUID], session: requests.Session
) -> Counter[int]:
    """Send generated requests and count the statuses of the answers. Raises AssertionError for a 5xx status."""
    answered: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=description.as_strategy())
    def send(case: Any) -> None:
        case.path_parameters = {**case.path_parameters, **{name: str(id_) for name, id_ in ids.items()}}
        case.headers.clear()
        answer = case.call(session=session, headers=headers | {"Idempotency-Key": str(uuid4())})
        answered[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.operation.label}: {answer.status_code} {answer.text[:300]}"

    send()
    return answered


@pytest.mark.parametrize("name", service_names())
def test_odd_texts_are_kept_or_refused_and_meaningless_ones_refused(
    scenario_run, stored_rows, agency_headers, headers_for, name
):
    with requests.Session() as session:
        for operation in OPERATIONS:
            if operation.service != name or not operation.body or operation.route.status_code == 202:
                continue
            body = example(operation.body, document_of(name))
            places = list(free_texts(operation.body, body, document_of(name)))
            for agency, ids in islice(callers(operation, stored_rows, agency_headers), 1 if places else 0):
                path = operation.route.path
                for id_ in operation.path_ids:
                    path = path.replace(f"{{{id_}}}", str(ids.get(id_, uuid4())))
                url = scenario_run.run.services[name] + path
                send_texts(operation.method, url, body, places, headers_for(operation, agency), session)


def free_texts(schema: dict[str, Any], valid: Any, document: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths of a body's texts that have no format of their own."""
    for path, inside, value in objects(schema, valid, document):
        for name in value:
            field = resolved(inside["properties"].get(name, {}), document)
            if field.get("type") == "string" and not field.keys() & {"format", "enum", "const", "pattern"}:
                yield (*path, name)


def send_texts(
    method: str, url: str, body: Any, places: list[Path], headers: dict[str, str], session: requests.Session
) -> None:
    """Send a body with odd and with meaningless texts. Raises AssertionError for a 5xx or a text that was taken."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(odd=odd_texts(), meaningless=meaningless_texts(), place=st.sampled_from(places))
    def send(odd: str, meaningless: str, place: Path) -> None:
        for text in (odd, meaningless):
            sent = headers | {"Idempotency-Key": str(uuid4())}
            answer = session.request(method, url, json=changed(body, place, text), headers=sent, timeout=60)
            assert answer.status_code < 500, f"{method} {url}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in REFUSED_EARLY, f"{method} {url}: {place} took {meaningless!r}"

    send()
