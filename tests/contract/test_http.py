"""Every API as it describes itself: its snapshot is up to date, and no request that fits the description fails it."""

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
from openapi_spec_validator import validate
from stack.services import SERVICES

from tests.contract.snapshots import out_of_date
from tests.isolation.examples import document_of
from tests.isolation.places import Row
from tests.isolation.walks import WALKS, Walk

EXAMPLES = 4
"""Requests per route and caller."""

CALLERS = 2
"""How many callers a route has: agencies that hold something there, else any."""

BEFORE_THE_ROUTE = {400, 401, 403, 405, 415, 422}
"""Answers that a request gets before it reaches what the route does."""

REACH_IT = 0.5
"""The share of requests that must reach what their route does: what never gets there tries nothing."""


def test_every_snapshot_is_up_to_date():
    assert out_of_date() == []


@pytest.mark.parametrize("name", SERVICES)
def test_the_description_is_openapi(name):
    validate(document_of(name))


@pytest.mark.parametrize("name", SERVICES)
def test_no_described_request_makes_the_service_fail(told, held, everybody, caller, name):
    """Generated bodies and queries, at ids of the story that their caller holds, with tokens and keys that fit."""
    schema = schemathesis.openapi.from_url(f"{told.run.services[name]}/openapi.json")
    described = {
        (found.ok().method.upper(), found.ok().path): found.ok() for found in schema.get_all_operations()
    }
    answered: Counter[int] = Counter()
    with requests.Session() as session:
        for walk in WALKS:
            if walk.service != name:
                continue
            for agency, ids in callers(walk, held, everybody):
                headers = {} if walk.declaration.reach == "public" else caller(walk, agency)
                answered += sends(described[walk.method, walk.route.path], headers, ids, session)
    reached = sum(many for status, many in answered.items() if status not in BEFORE_THE_ROUTE)
    assert reached >= REACH_IT * answered.total(), answered


def callers(
    walk: Walk, held: dict[str, list[Row]], everybody: dict[UUID, dict[str, str]]
) -> Iterator[tuple[UUID, dict[str, UUID]]]:
    """Agencies that hold what the route's path names, each with the ids of its newest; any where it names nothing."""
    if walk.deepest is None:
        yield from ((agency, {}) for agency in islice(everybody, CALLERS))
        return
    newest = {row.owner: row for row in held[walk.place(walk.deepest) or ""]}
    yield from ((owner, walk.to(row)) for owner, row in islice(newest.items(), CALLERS))


def sends(
    operation: Any, headers: dict[str, str], ids: dict[str, UUID], session: requests.Session
) -> Counter[int]:
    """The statuses of what was answered. Raises AssertionError at the first that is the service's own failure."""
    answered: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.path_parameters = {**case.path_parameters, **{name: str(id_) for name, id_ in ids.items()}}
        case.headers.clear()
        answer = case.call(session=session, headers=headers | {"Idempotency-Key": str(uuid4())})
        answered[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.operation.label}: {answer.status_code} {answer.text[:300]}"

    send()
    return answered
