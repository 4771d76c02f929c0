from __future__ import annotations

from dataclasses import replace

import pytest
from planning.participation.plans import rules
from planning.participation.plans.rules import ARROWS, DECIDED, Standing, State, Verdict
from solidary.language.codes.people import Community
from solidary.language.problems import NotAllowed

READY = Standing(
    diagnosed=True,
    heard=tuple(Community),
    actions=((Verdict.FEASIBLE, 100), (Verdict.UNFEASIBLE, None)),
    budget=100,
    ballots=1,
    selected=1,
)
STEPS = [(state, to) for state in State for to in State]


@pytest.mark.parametrize(("state", "to"), STEPS)
def test_a_step_is_allowed_just_where_the_table_has_it(state, to):
    if to in ARROWS[state] and to not in DECIDED:
        assert rules.advance(state, to, READY) is to
    else:
        with pytest.raises(NotAllowed):
            rules.advance(state, to, READY)


def test_every_state_can_be_reached():
    reached, front = {State.DRAFT}, {State.DRAFT}
    while front := {to for state in front for to in ARROWS[state]} - reached:
        reached |= front
    assert reached == set(State)


def changed(**facts):
    return replace(READY, **facts)


MISSING = [
    (State.DIAGNOSIS, State.NEEDS_AGREED, {"diagnosed": False}, "diagnosis"),
    (State.DIAGNOSIS, State.NEEDS_AGREED, {"heard": [Community.HOST]}, "refugee, migrant"),
    (State.CO_CREATION, State.FEASIBILITY, {"actions": ()}, "no actions"),
    (State.FEASIBILITY, State.COSTS_PUBLISHED, {"actions": [(Verdict.OPEN, 1)]}, "1 actions are not judged"),
    (State.FEASIBILITY, State.COSTS_PUBLISHED, {"actions": [(Verdict.FEASIBLE, None)]}, "its cost"),
    (
        State.FEASIBILITY,
        State.COSTS_PUBLISHED,
        {"actions": [(Verdict.UNFEASIBLE, 1)]},
        "no action is feasible",
    ),
    (State.COSTS_PUBLISHED, State.BALLOTING, {"budget": 99}, "fits the budget"),
    (State.BALLOTING, State.BALLOTS_REVIEWED, {"ballots": 0}, "no ballot"),
    (State.ALLOCATED, State.SUBMITTED, {"selected": 0}, "no action was chosen"),
]


@pytest.mark.parametrize(("state", "to", "facts", "said"), MISSING)
def test_what_is_missing_is_said(state, to, facts, said):
    with pytest.raises(NotAllowed, match=said):
        rules.advance(state, to, changed(**facts))


@pytest.mark.parametrize("to", [State.VALIDATED, State.RETURNED])
def test_only_the_owning_government_decides(to):
    assert rules.decide(State.SUBMITTED, to, by_owner=True) is to
    with pytest.raises(NotAllowed, match="owns the plan"):
        rules.decide(State.SUBMITTED, to, by_owner=False)
    with pytest.raises(NotAllowed):
        rules.decide(State.ALLOCATED, to, by_owner=True)
