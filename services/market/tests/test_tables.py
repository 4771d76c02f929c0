"""The tables of the database agree with the models, the rules and the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from market.plan.lines.rules import PLAN_LINE_TRANSITIONS
from market.study.assessments.rules import ASSESSMENT_TRANSITIONS
from solidary_testing.drift import assert_models_match
from solidary_testing.transitions import recorded_transitions

PAGE = Path(__file__).parents[3] / "docs" / "using" / "market.md"


def test_models_match_their_tables(service_database, service):
    assert_models_match(service_database, service)


@pytest.mark.parametrize("table", [ASSESSMENT_TRANSITIONS, PLAN_LINE_TRANSITIONS])
def test_database_has_the_transitions_of_the_rules(service_database, table):
    assert recorded_transitions(service_database.admin, table.machine) == table.pairs


@pytest.mark.parametrize("table", [ASSESSMENT_TRANSITIONS, PLAN_LINE_TRANSITIONS])
def test_page_shows_the_transitions_of_the_rules(table):
    assert table.markdown() in PAGE.read_text(encoding="utf-8")
