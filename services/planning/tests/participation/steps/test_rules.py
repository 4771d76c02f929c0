from __future__ import annotations

from dataclasses import replace

import pytest
from planning.participation.actions.rules import ActionState
from planning.participation.plans.rules import PlanState
from planning.participation.steps.rules import REQUIREMENTS, PlanContent, missing_for
from solidary.language.codes.people import Community

COMPLETE = PlanContent(
    is_diagnosed=True,
    communities_with_needs=tuple(Community),
    actions=((ActionState.FEASIBLE, 100), (ActionState.NOT_FEASIBLE, None)),
    budget=100,
    ballots=1,
    selected_actions=1,
)

MISSING = [
    (PlanState.NEEDS_AGREED, {"is_diagnosed": False}, "diagnosis is not published"),
    (PlanState.NEEDS_AGREED, {"communities_with_needs": [Community.HOST]}, "refugee, migrant"),
    (PlanState.FEASIBILITY, {"actions": ()}, "no actions"),
    (PlanState.COSTS_PUBLISHED, {"actions": [(ActionState.PROPOSED, 1)]}, "1 action without"),
    (PlanState.COSTS_PUBLISHED, {"actions": [(ActionState.FEASIBLE, None)]}, "no cost"),
    (PlanState.COSTS_PUBLISHED, {"actions": [(ActionState.NOT_FEASIBLE, 1)]}, "No action is feasible"),
    (PlanState.BALLOTING, {"budget": 99}, "fits the budget"),
    (PlanState.BALLOTS_REVIEWED, {"ballots": 0}, "No ballot"),
    (PlanState.BALLOTS_REVIEWED, {"open_stations": ["Casa comunal"]}, "not reconciled: Casa comunal"),
    (PlanState.SUBMITTED, {"selected_actions": 0}, "selected no action"),
]


@pytest.mark.parametrize("to", PlanState)
def test_a_complete_plan_misses_nothing(to):
    assert missing_for(to, COMPLETE) is None


@pytest.mark.parametrize(("to", "changes", "reason"), MISSING)
def test_a_missing_requirement_is_stated(to, changes, reason):
    assert reason in (missing_for(to, replace(COMPLETE, **changes)) or "")


def test_every_requirement_has_a_case():
    assert {to for to, _, _ in MISSING} == set(REQUIREMENTS)
