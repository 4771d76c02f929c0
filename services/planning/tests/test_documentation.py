"""Tests of the tables in docs/using/plans.md against the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from planning.participation.actions.rules import ACTION_TRANSITIONS
from planning.participation.plans.rules import PLAN_TRANSITIONS
from planning.participation.polling.rules import STATION_TRANSITIONS

PAGE = Path(__file__).parents[3] / "docs" / "using" / "plans.md"


@pytest.mark.parametrize(
    "table", [PLAN_TRANSITIONS, ACTION_TRANSITIONS, STATION_TRANSITIONS], ids=["plan", "action", "station"]
)
def test_the_page_of_plans_shows_the_transitions_of_the_code(table):
    assert table.markdown() in PAGE.read_text(encoding="utf-8")
