from __future__ import annotations

import pytest
from market.plan.lines.rules import PlanLineState, decide, require_sector
from solidary.language.problems import NotAllowed


@pytest.mark.parametrize("state", PlanLineState)
def test_last_decision_counts_whatever_the_state_was(state):
    assert decide(state, "accept") is PlanLineState.ACCEPTED
    assert decide(state, "reject") is PlanLineState.REJECTED


def test_plan_line_needs_a_recorded_sector():
    require_sector(is_recorded=True)
    with pytest.raises(NotAllowed, match="has not recorded the sector"):
        require_sector(is_recorded=False)
