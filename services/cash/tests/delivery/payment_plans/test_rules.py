"""The way of a plan, and who may say yes to it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cash.delivery.payment_plans.rules import (
    ARROWS,
    STAGES,
    Plan,
    PlanState,
    Step,
    Tier,
    change_content,
    decide,
    entitle,
    move,
    people_needed,
    submit,
)
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from solidary.language.problems import Conflict, NotAllowed

S = PlanState
TIERS = [
    Tier(least=0, people={Step.APPROVE: 1}),
    Tier(least=10_000_00, people={Step.APPROVE: 2, Step.AUTHORISE: 2}),
]


def submitted(total: int = 500_00) -> Plan:
    plan = Plan(created_by="maker")
    for step in (Step.POPULATE, Step.LOCK):
        plan = move(plan, step)
    return submit(entitle(plan, by="author", content="a", total=total), by="clerk")


def yes(plan: Plan, step: Step, by: str, content: str = "a") -> Plan:
    return decide(plan, step, by=by, content=content, tiers=TIERS)


def released() -> Plan:
    plan = yes(submitted(), Step.APPROVE, "one")
    return yes(yes(plan, Step.AUTHORISE, "two"), Step.RELEASE, "three")


def test_every_state_has_its_arrows() -> None:
    assert set(ARROWS) == set(PlanState)


@pytest.mark.parametrize("state", [state for state, steps in ARROWS.items() if steps])
def test_the_page_prints_the_same_table(state: PlanState) -> None:
    page = (Path(__file__).parents[5] / "docs/using/payment-plans.md").read_text("utf-8").splitlines()
    row = next(line for line in page if line.startswith(f"| {state} |"))
    said = set(row.strip("| ").split(" | ")[1].split("; "))
    assert said == {f"{step} → {to}" for step, to in ARROWS[state].items() if step is not Step.CANCEL}


def test_a_plan_goes_its_whole_way() -> None:
    plan = released()
    for step in (Step.DISPATCH, Step.RECEIVE, Step.RECEIVE, Step.RECONCILE, Step.CLOSE):
        plan = move(plan, step)
    assert plan.state is S.CLOSED


@pytest.mark.parametrize("maker", ["maker", "author", "clerk"])
@pytest.mark.parametrize("stage", STAGES)
def test_who_made_a_plan_says_yes_to_it_at_no_stage(maker: str, stage: Step) -> None:
    plan = replace(submitted(), state=STAGES[stage])
    with pytest.raises(NotAllowed, match="made a plan"):
        yes(plan, stage, maker)


def test_a_checker_cannot_release_what_they_approved() -> None:
    plan = yes(yes(submitted(), Step.APPROVE, "one"), Step.AUTHORISE, "two")
    for again in ("one", "two"):
        with pytest.raises(NotAllowed, match="once in a round"):
            yes(plan, Step.RELEASE, again)


def test_a_checker_cannot_approve_twice_where_two_are_needed() -> None:
    plan = yes(submitted(total=10_000_00), Step.APPROVE, "one")
    assert plan.state is S.SUBMITTED
    with pytest.raises(NotAllowed, match="once in a round"):
        yes(plan, Step.APPROVE, "one")
    assert yes(plan, Step.APPROVE, "two").state is S.APPROVED


@pytest.mark.parametrize(
    ("total", "stage", "people"),
    [
        (0, Step.APPROVE, 1),
        (9_999_99, Step.AUTHORISE, 1),
        (10_000_00, Step.AUTHORISE, 2),
        (10_000_00, Step.RELEASE, 1),
    ],
)
def test_larger_amounts_need_more_people(total: int, stage: Step, people: int) -> None:
    assert people_needed(stage, total, TIERS) == people
    assert people_needed(stage, total, list(reversed(TIERS))) == people


def test_without_any_tier_or_with_a_careless_one_a_person_is_still_needed() -> None:
    assert people_needed(Step.APPROVE, 1, []) == 1
    assert people_needed(Step.APPROVE, 1, [Tier(0, {Step.APPROVE: 0})]) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_a_yes_to_other_payments_than_the_submitted_is_a_conflict(stage: Step) -> None:
    with pytest.raises(Conflict, match="not those that were submitted"):
        yes(replace(submitted(), state=STAGES[stage]), stage, "one", content="b")


@pytest.mark.parametrize("stage", STAGES)
def test_a_change_starts_a_new_round_in_which_nobody_has_said_yes(stage: Step) -> None:
    plan = replace(yes(submitted(), Step.APPROVE, "one"), state=STAGES[stage])
    changed = change_content(plan, by="editor", content="b", total=400_00)
    assert (changed.state, changed.yeses, changed.content) == (S.ENTITLED, (), "b")
    again = submit(changed, by="clerk")
    assert again.round == plan.round + 1
    assert yes(again, Step.APPROVE, "one", content="b").state is S.APPROVED
    with pytest.raises(NotAllowed, match="made a plan"):
        yes(again, Step.APPROVE, "editor", content="b")


def test_a_rejected_plan_is_entitled_again_and_may_be_submitted() -> None:
    plan = move(yes(submitted(), Step.APPROVE, "one"), Step.REJECT)
    assert (plan.state, plan.yeses) == (S.ENTITLED, ())
    assert yes(submit(plan, by="clerk"), Step.APPROVE, "one").state is S.APPROVED


def test_once_released_the_payments_stand() -> None:
    with pytest.raises(NotAllowed, match="do not change"):
        change_content(released(), by="editor", content="b", total=1)


def test_a_plan_is_cancelled_only_before_it_is_dispatched() -> None:
    cancellable = {state for state, steps in ARROWS.items() if Step.CANCEL in steps}
    after = {S.DISPATCHED, S.RECONCILING, S.RECONCILED, S.CLOSED, S.CANCELLED}
    assert cancellable == set(PlanState) - after


@pytest.mark.parametrize("state", PlanState)
@pytest.mark.parametrize("step", Step)
def test_what_has_no_arrow_is_not_allowed(state: PlanState, step: Step) -> None:
    if step in ARROWS[state]:
        return
    plan = replace(submitted(), state=state)
    with pytest.raises(NotAllowed):
        if step in STAGES:
            yes(plan, step, "one")
        elif step is Step.SUBMIT:
            submit(plan, by="clerk")
        else:
            move(plan, step)


def test_a_plan_that_pays_nothing_is_not_submitted() -> None:
    with pytest.raises(NotAllowed, match="pays nothing"):
        submitted(total=0)


PEOPLE = ("maker", "author", "clerk", "one", "two", "three", "four")
people = st.sampled_from(PEOPLE)
contents = st.sampled_from("ab")


class Attempts(RuleBasedStateMachine):
    """Anybody tries anything in any order; money leaves only as three different outsiders agreed."""

    @initialize(total=st.sampled_from([1, 10_000_00]))
    def start(self, total: int) -> None:
        self.plan = submitted(total)

    @rule(step=st.sampled_from(Step), by=people, content=contents)
    def attempt(self, step: Step, by: str, content: str) -> None:
        try:
            if step in STAGES:
                self.plan = yes(self.plan, step, by, content)
            elif step is Step.SUBMIT:
                self.plan = submit(self.plan, by=by)
            elif step is Step.ENTITLE:
                self.plan = entitle(self.plan, by=by, content=content, total=self.plan.total)
            elif step is not Step.CANCEL:
                self.plan = move(self.plan, step)
        except (NotAllowed, Conflict):
            pass

    @rule(by=people, content=contents)
    def edit(self, by: str, content: str) -> None:
        with suppress(NotAllowed):
            self.plan = change_content(self.plan, by=by, content=content, total=self.plan.total)

    @invariant()
    def nobody_said_yes_twice_nor_to_their_own(self) -> None:
        said = [one.by for one in self.plan.yeses]
        assert len(said) == len(set(said))
        assert not self.plan.makers & set(said)
        assert all(one.content == self.plan.content for one in self.plan.yeses)

    @invariant()
    def released_means_that_every_stage_had_its_people(self) -> None:
        if self.plan.state in (S.RELEASED, S.DISPATCHED, S.RECONCILING, S.RECONCILED, S.CLOSED):
            for stage in STAGES:
                had = sum(one.stage is stage for one in self.plan.yeses)
                assert had == people_needed(stage, self.plan.total, TIERS)


TestAttempts = Attempts.TestCase
