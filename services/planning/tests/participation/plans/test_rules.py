from __future__ import annotations

from uuid import uuid4

import pytest
from planning.participation.plans.models import Plan
from planning.participation.plans.rules import PLAN_TRANSITIONS, PlanState
from planning.problems import PlanInAnotherState
from solidary.language.problems import ActorNotAllowed, TransitionNotAllowed

STEPS = [(state, to) for state in PlanState for to in PlanState]
NOT_A_STEP = {PlanState.ALLOCATED, PlanState.VALIDATED, PlanState.RETURNED}
OWNER, PARTNER = uuid4(), uuid4()


def plan_in(state: PlanState, **values: object) -> Plan:
    return Plan(agency=OWNER, state=state, round=1, selected_actions=3, **values)


@pytest.mark.parametrize(("state", "to"), STEPS)
def test_a_planner_takes_exactly_the_steps_of_the_table(state, to):
    plan = plan_in(state)
    if PLAN_TRANSITIONS.allows(state, to) and to not in NOT_A_STEP:
        plan.advance(to)
        assert plan.state == to
    else:
        with pytest.raises((TransitionNotAllowed, ActorNotAllowed)):
            plan.advance(to)


def test_every_state_can_be_reached():
    reached = frontier = {PlanState.DRAFT}
    while frontier := {t.target for t in PLAN_TRANSITIONS.transitions if t.source in frontier} - reached:
        reached = reached | frontier
    assert reached == set(PlanState)


def test_balloting_begins_a_round_without_a_selection():
    plan = plan_in(PlanState.COSTS_PUBLISHED)
    plan.advance(PlanState.BALLOTING)
    assert (plan.round, plan.selected_actions) == (2, 0)


def test_ballots_of_another_round_are_not_allocated():
    with pytest.raises(PlanInAnotherState, match="the plan is in round 1"):
        plan_in(PlanState.BALLOTS_REVIEWED).allocate(2, selected=1)


def test_only_the_owning_government_validates_or_returns():
    plan = plan_in(PlanState.SUBMITTED)
    with pytest.raises(ActorNotAllowed, match="Only the owning government"):
        plan.validate(PARTNER, "Acuerdo 12")
    with pytest.raises(ActorNotAllowed, match="Only the owning government"):
        plan.return_to_planners(PARTNER, "Falta el aval")
    plan.validate(OWNER, "Acuerdo 12")
    assert (plan.state, plan.act_number) == (PlanState.VALIDATED, "Acuerdo 12")
    with pytest.raises(TransitionNotAllowed):
        plan_in(PlanState.ALLOCATED).validate(OWNER, "Acuerdo 12")
