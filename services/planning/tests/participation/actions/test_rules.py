from __future__ import annotations

import pytest
from planning.participation.actions.models import Action
from planning.participation.actions.rules import ActionState
from solidary.language.problems import TransitionNotAllowed


def test_a_verdict_can_be_changed_until_the_government_decides():
    action = Action(state=ActionState.PROPOSED)
    action.judge(feasible=False, reason="El terreno es privado")
    action.judge(feasible=True, reason=None)
    assert (action.state, action.reason) == (ActionState.FEASIBLE, None)
    action.accept()
    with pytest.raises(TransitionNotAllowed):
        action.judge(feasible=False, reason="Tarde")


def test_only_a_feasible_action_is_accepted_or_left_unfunded():
    for state in (
        ActionState.PROPOSED,
        ActionState.NOT_FEASIBLE,
        ActionState.ACCEPTED,
        ActionState.NOT_FUNDED,
    ):
        with pytest.raises(TransitionNotAllowed):
            Action(state=state).accept()
        with pytest.raises(TransitionNotAllowed):
            Action(state=state).leave_unfunded()


def test_a_reopened_action_has_a_cost_that_can_change():
    action = Action(state=ActionState.NOT_FEASIBLE, reason="El terreno es privado", costs_published=True)
    action.reopen()
    assert (action.state, action.reason, action.costs_published) == (ActionState.PROPOSED, None, False)
