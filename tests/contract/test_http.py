"""Every API as it describes itself: its snapshot is up to date, and no request that fits the description fails it."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from solidary.identity import Duty
from stack.services import SERVICES

from tests.contract.snapshots import out_of_date
from tests.isolation.examples import document_of

EXAMPLES = 8
"""Requests per route and agency."""


def test_every_snapshot_is_up_to_date():
    assert out_of_date() == []


@pytest.mark.parametrize("name", SERVICES)
def test_the_description_is_openapi(name):
    validate(document_of(name))


@pytest.mark.parametrize("name", SERVICES)
def test_no_described_request_makes_the_service_fail(told, tokens, name):
    schema = schemathesis.openapi.from_url(f"{told.run.services[name]}/openapi.json")
    everything = tokens.of("unhcr", *Duty)
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def sends(case):
            answer = case.call(headers=everything)
            assert answer.status_code < 500, (
                f"{case.operation.label}: {answer.status_code} {answer.text[:300]}"
            )

        sends()
