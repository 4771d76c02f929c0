"""The steps of a plan, and the people who may approve it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cash.delivery.payment_plans.rules import (
    APPROVAL_STATES,
    MAKER,
    PAYMENT_PLAN,
    PaymentPlanState,
    Plan,
    PlanActor,
    PlanStep,
    approve,
    entitle,
    populate,
    submit,
    take_step,
)
from cash.problems import AlreadyApproved, ApproverPreparedPlan, PaymentsChanged, PlanWithoutPayments
from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier, approvals_needed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from solidary.language.problems import (
    ActorNotAllowed,
    Conflict,
    NotAllowed,
    TransitionNotAllowed,
)

S, Stage = PaymentPlanState, ApprovalStage
ANYBODY = tuple(PlanActor)
TIERS = [
    ApprovalTier(from_total=0, people={Stage.APPROVE: 1}),
    ApprovalTier(from_total=10_000_00, people={Stage.APPROVE: 2, Stage.AUTHORISE: 2}),
]


def submitted(total: int = 500_00) -> Plan:
    plan = populate(Plan(makers=frozenset({"maker"})), by="maker")
    plan = take_step(plan, PlanStep.LOCK, MAKER)
    entitled = entitle(plan, by="maker", rule_author="author", content_hash="a", total=total)
    return submit(entitled, by="clerk")


def approved(plan: Plan, stage: Stage, by: str, content_hash: str = "a") -> Plan:
    return approve(plan, stage, by=by, content_hash=content_hash, tiers=TIERS)


def released() -> Plan:
    plan = approved(submitted(), Stage.APPROVE, "one")
    return approved(approved(plan, Stage.AUTHORISE, "two"), Stage.RELEASE, "three")


def test_page_shows_the_transitions() -> None:
    page = (Path(__file__).parents[5] / "docs/using/payment-plans.md").read_text("utf-8")
    assert PAYMENT_PLAN.markdown() in page


def test_plan_passes_through_all_its_states() -> None:
    plan = released()
    plan = take_step(plan, PlanStep.DISPATCH, (PlanActor.RELEASER,))
    for step in (PlanStep.RECEIVE_REPORT, PlanStep.RECEIVE_REPORT, PlanStep.RECONCILE):
        plan = take_step(plan, step, (PlanActor.PROVIDER,))
    assert plan.state is S.RECONCILED


@pytest.mark.parametrize("maker", ["maker", "author", "clerk"])
@pytest.mark.parametrize("stage", Stage)
def test_plan_maker_cannot_approve_at_any_stage(maker: str, stage: Stage) -> None:
    plan = replace(submitted(), state=APPROVAL_STATES[stage])
    with pytest.raises(ApproverPreparedPlan):
        approved(plan, stage, maker)


def test_checker_cannot_release_what_they_approved() -> None:
    plan = approved(approved(submitted(), Stage.APPROVE, "one"), Stage.AUTHORISE, "two")
    for again in ("one", "two"):
        with pytest.raises(AlreadyApproved):
            approved(plan, Stage.RELEASE, again)


def test_checker_cannot_approve_twice_where_two_are_needed() -> None:
    plan = approved(submitted(total=10_000_00), Stage.APPROVE, "one")
    assert plan.state is S.SUBMITTED
    with pytest.raises(AlreadyApproved):
        approved(plan, Stage.APPROVE, "one")
    assert approved(plan, Stage.APPROVE, "two").state is S.APPROVED


@pytest.mark.parametrize(
    ("total", "stage", "people"),
    [
        (0, Stage.APPROVE, 1),
        (9_999_99, Stage.AUTHORISE, 1),
        (10_000_00, Stage.AUTHORISE, 2),
        (10_000_00, Stage.RELEASE, 1),
    ],
)
def test_larger_totals_need_more_approvals(total: int, stage: Stage, people: int) -> None:
    assert approvals_needed(stage, total, TIERS) == people
    assert approvals_needed(stage, total, list(reversed(TIERS))) == people


def test_one_approval_is_needed_without_a_tier_and_with_a_tier_of_zero() -> None:
    assert approvals_needed(Stage.APPROVE, 1, []) == 1
    assert approvals_needed(Stage.APPROVE, 1, [ApprovalTier(0, {Stage.APPROVE: 0})]) == 1


@pytest.mark.parametrize("stage", Stage)
def test_approval_of_other_payments_than_submitted_is_refused(stage: Stage) -> None:
    with pytest.raises(PaymentsChanged):
        approved(replace(submitted(), state=APPROVAL_STATES[stage]), stage, "one", content_hash="b")


@pytest.mark.parametrize("stage", Stage)
def test_approval_out_of_turn_is_refused(stage: Stage) -> None:
    for state in set(PaymentPlanState) - {APPROVAL_STATES[stage]}:
        with pytest.raises(TransitionNotAllowed):
            approved(replace(submitted(), state=state), stage, "one")


def test_rejected_plan_is_changed_and_approved_in_a_new_round() -> None:
    plan = take_step(approved(submitted(), Stage.APPROVE, "one"), PlanStep.REJECT, (PlanActor.CHECKER,))
    assert (plan.state, plan.approvals) == (S.ENTITLED, ())
    changed = entitle(plan, by="editor", rule_author="author", content_hash="b", total=400_00)
    again = submit(changed, by="clerk")
    assert again.round == plan.round + 1
    assert approved(again, Stage.APPROVE, "one", content_hash="b").state is S.APPROVED
    with pytest.raises(ApproverPreparedPlan):
        approved(again, Stage.APPROVE, "editor", content_hash="b")


def test_amounts_of_a_plan_under_review_are_not_computed_again() -> None:
    for state in (*APPROVAL_STATES.values(), S.RELEASED):
        with pytest.raises(TransitionNotAllowed):
            entitle(replace(submitted(), state=state), by="x", rule_author="y", content_hash="b", total=1)


def test_plan_is_cancelled_only_before_it_is_dispatched() -> None:
    cancellable = {state for state in PaymentPlanState if PlanStep.CANCEL in PAYMENT_PLAN.steps(state)}
    after = {S.DISPATCHED, S.RECONCILING, S.RECONCILED, S.CANCELLED}
    assert cancellable == set(PaymentPlanState) - after


@pytest.mark.parametrize(
    ("step", "actor"),
    [
        (PlanStep.LOCK, PlanActor.CHECKER),
        (PlanStep.REJECT, PlanActor.MAKER),
        (PlanStep.DISPATCH, PlanActor.MAKER),
        (PlanStep.CANCEL, PlanActor.RELEASER),
    ],
)
def test_step_of_another_actor_is_refused(step: PlanStep, actor: PlanActor) -> None:
    state = next(each.source for each in PAYMENT_PLAN.transitions if each.step == step)
    with pytest.raises(ActorNotAllowed):
        take_step(replace(submitted(), state=state), step, (actor,))


def test_timer_cannot_cancel_a_released_plan() -> None:
    with pytest.raises(ActorNotAllowed):
        take_step(released(), PlanStep.CANCEL, (PlanActor.TIMER,))


def test_plan_that_pays_nothing_is_not_submitted() -> None:
    with pytest.raises(PlanWithoutPayments):
        submitted(total=0)


people = st.sampled_from(("maker", "author", "clerk", "one", "two", "three", "four"))
hashes = st.sampled_from("ab")


class Attempts(RuleBasedStateMachine):
    """Attempts of any person at any step in any order: money leaves only with the approvals of outsiders."""

    @initialize(total=st.sampled_from([1, 10_000_00]))
    def start(self, total: int) -> None:
        self.plan = submitted(total)

    @rule(stage=st.sampled_from(Stage), by=people, content_hash=hashes)
    def attempt_approval(self, stage: Stage, by: str, content_hash: str) -> None:
        with suppress(NotAllowed, Conflict):
            self.plan = approved(self.plan, stage, by, content_hash)

    @rule(by=people, content_hash=hashes)
    def attempt_change(self, by: str, content_hash: str) -> None:
        with suppress(NotAllowed):
            self.plan = entitle(
                self.plan, by=by, rule_author="author", content_hash=content_hash, total=self.plan.total
            )

    @rule(by=people)
    def attempt_submission(self, by: str) -> None:
        with suppress(NotAllowed):
            self.plan = submit(self.plan, by=by)

    @rule(step=st.sampled_from(sorted(set(PlanStep) - set(Stage) - {PlanStep.CANCEL, PlanStep.SUBMIT})))
    def attempt_step(self, step: PlanStep) -> None:
        with suppress(NotAllowed):
            self.plan = take_step(self.plan, step, ANYBODY)

    @invariant()
    def approvers_are_distinct_and_not_makers(self) -> None:
        approvers = [each.by for each in self.plan.approvals]
        assert len(approvers) == len(set(approvers))
        assert not self.plan.makers & set(approvers)
        assert all(each.content_hash == self.plan.content_hash for each in self.plan.approvals)

    @invariant()
    def released_plan_has_the_approvals_of_every_stage(self) -> None:
        if self.plan.state in (S.RELEASED, S.DISPATCHED, S.RECONCILING, S.RECONCILED):
            for stage in Stage:
                given = sum(each.stage is stage for each in self.plan.approvals)
                assert given == approvals_needed(stage, self.plan.total, TIERS)


TestAttempts = Attempts.TestCase
