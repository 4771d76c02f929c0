from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.study.assessments.rules import (
    AssessmentActor,
    AssessmentState,
    advance,
    agree,
    require_proposing,
    require_recording,
)
from solidary.language.problems import ActorNotAllowed, NotAllowed

STATES = list(AssessmentState)


@given(st.sampled_from(AssessmentState), st.sampled_from(AssessmentState), st.sampled_from(AssessmentActor))
def test_assessment_advances_by_one_state_only(state, target, actor):
    if STATES.index(target) == STATES.index(state) + 1 and target is not AssessmentState.AGREED:
        assert advance(state, target, actor) is target
    else:
        with pytest.raises(NotAllowed):
            advance(state, target, actor)


def test_only_the_municipality_agrees():
    assert agree(AssessmentState.DESIGNED, AssessmentActor.MUNICIPALITY) is AssessmentState.AGREED
    with pytest.raises(ActorNotAllowed, match="Only the municipality can take the step «agree»"):
        agree(AssessmentState.DESIGNED, AssessmentActor.AGENCY)
    with pytest.raises(NotAllowed, match="«agree» is not possible"):
        agree(AssessmentState.FIELDING, AssessmentActor.MUNICIPALITY)


@pytest.mark.parametrize("state", AssessmentState)
def test_findings_are_recorded_from_the_fieldwork_and_lines_proposed_after_the_workshop(state):
    recording = {AssessmentState.FIELDING, AssessmentState.CLEANED, AssessmentState.SCORED}
    proposing = {AssessmentState.VALIDATED, AssessmentState.ACTION_PLAN}
    for check, states in (
        (lambda: require_recording(state), recording),
        (lambda: require_proposing(state, AssessmentActor.AGENCY), proposing),
    ):
        if state in states:
            check()
        else:
            with pytest.raises(NotAllowed, match=f"It is in the state «{state}»."):
                check()


def test_municipality_cannot_propose_plan_lines():
    with pytest.raises(NotAllowed, match="Only the agency that designed the assessment"):
        require_proposing(AssessmentState.VALIDATED, AssessmentActor.MUNICIPALITY)
