from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.assessments.rules import (
    DECIDED,
    ORDER,
    State,
    advance,
    agree,
    growth,
    require_findings,
    require_proposals,
)
from solidary.language.problems import NotAllowed


@given(st.sampled_from(State), st.sampled_from(State))
def test_an_assessment_goes_one_step_on_and_nowhere_else(state, to):
    if ORDER.index(to) == ORDER.index(state) + 1 and to not in DECIDED:
        assert advance(state, to) is to
    else:
        with pytest.raises(NotAllowed):
            advance(state, to)


def test_the_designing_agency_does_not_agree_with_itself():
    assert agree(State.DESIGNED, by_owner=False) is State.AGREED
    with pytest.raises(NotAllowed):
        agree(State.DESIGNED, by_owner=True)


@pytest.mark.parametrize("state", State)
def test_findings_come_from_the_field_and_proposals_after_the_workshop(state):
    allowed = state in (State.FIELDING, State.CLEANED, State.SCORED)
    proposes = state in (State.VALIDATED, State.ACTION_PLAN)
    for rule, may in (
        (lambda: require_findings(state), allowed),
        (lambda: require_proposals(state, 1), proposes),
    ):
        if may:
            rule()
        else:
            with pytest.raises(NotAllowed):
                rule()


def test_a_plan_line_stands_on_a_sector():
    with pytest.raises(NotAllowed, match="sector"):
        require_proposals(State.VALIDATED, 0)


def test_growth_is_exact_and_absent_where_nobody_worked_before():
    assert growth(3, 4) == Fraction(1, 3)
    assert growth(0, 4) is None
