"""Tests of the database against the code: tables, and transitions of state machines."""

from __future__ import annotations

import pytest
from planning.participation.actions.rules import ACTION_TRANSITIONS
from planning.participation.plans.rules import PLAN_TRANSITIONS
from planning.participation.polling.rules import STATION_TRANSITIONS
from solidary_testing.drift import assert_models_match
from solidary_testing.transitions import recorded_transitions


def test_models_match_the_migrated_tables(service_database, service):
    assert_models_match(service_database, service)


@pytest.mark.parametrize(
    "table", [PLAN_TRANSITIONS, ACTION_TRANSITIONS, STATION_TRANSITIONS], ids=["plan", "action", "station"]
)
def test_the_database_admits_the_transitions_of_the_code(service_database, table):
    assert recorded_transitions(service_database.admin, table.machine) == table.pairs
