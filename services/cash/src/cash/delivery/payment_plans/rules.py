"""The states of a payment plan and the people who may approve it.

Two approvals are worthless if they may come from one person. Anyone who prepared a plan (created it, wrote its rule or
its debtor, changed its payments or submitted it), or who wrote what it pays (identities, households, accounts,
consents, acceptances and enrolments), cannot approve it, and nobody approves twice in a round, at whatever stage. An
approval holds for one list of payments, identified by its SHA-256. A rejection needs no such separation, because
stopping a payment weakens no control.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable

from cash.problems import (
    AlreadyApproved,
    ApproverPreparedPlan,
    MakerOrders,
    PaymentsChanged,
    PlanWithoutPayments,
)
from cash.targeting.programmes.rules import ApprovalStage, ApprovalTier, approvals_needed


class PaymentPlanState(StrEnum):
    """The state of a payment plan. `docs/using/payment-plans.md` shows the transitions."""

    DRAFT = "draft"
    POPULATED = "populated"
    LOCKED = "locked"
    ENTITLED = "entitled"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    AUTHORISED = "authorised"
    RELEASED = "released"
    DISPATCHED = "dispatched"
    RECONCILING = "reconciling"
    RECONCILED = "reconciled"
    CANCELLED = "cancelled"


class PlanStep(StrEnum):
    """A step of a payment plan."""

    POPULATE = "populate"
    LOCK = "lock"
    UNLOCK = "unlock"
    ENTITLE = "entitle"
    SUBMIT = "submit"
    APPROVE = "approve"
    AUTHORISE = "authorise"
    RELEASE = "release"
    REJECT = "reject"
    DISPATCH = "dispatch"
    RECEIVE_REPORT = "receive report"
    RECONCILE = "reconcile"
    CANCEL = "cancel"


class PlanActor(StrEnum):
    """A person with a duty in cash, or another cause of a step."""

    MAKER = "maker"
    CHECKER = "checker"
    RELEASER = "releaser"
    PROVIDER = "provider"
    TIMER = "timer"


_S, _T, _A = PaymentPlanState, PlanStep, PlanActor
_PREPARED = (_S.DRAFT, _S.POPULATED, _S.LOCKED, _S.ENTITLED)
_UNDER_REVIEW = (_S.SUBMITTED, _S.APPROVED, _S.AUTHORISED)

PAYMENT_PLAN = TransitionTable(
    "payment plan",
    initial=(_S.DRAFT,),
    transitions=(
        Transition(_T.POPULATE, _S.DRAFT, _S.POPULATED, by=(_A.MAKER,)),
        Transition(_T.POPULATE, _S.POPULATED, _S.POPULATED, by=(_A.MAKER,)),
        Transition(_T.LOCK, _S.POPULATED, _S.LOCKED, by=(_A.MAKER,)),
        Transition(_T.UNLOCK, _S.LOCKED, _S.POPULATED, by=(_A.MAKER,)),
        Transition(_T.UNLOCK, _S.ENTITLED, _S.POPULATED, by=(_A.MAKER,)),
        Transition(_T.ENTITLE, _S.LOCKED, _S.ENTITLED, by=(_A.MAKER,)),
        Transition(_T.ENTITLE, _S.ENTITLED, _S.ENTITLED, by=(_A.MAKER,)),
        Transition(_T.SUBMIT, _S.ENTITLED, _S.SUBMITTED, by=(_A.MAKER,)),
        Transition(_T.APPROVE, _S.SUBMITTED, _S.APPROVED, by=(_A.CHECKER,)),
        Transition(_T.AUTHORISE, _S.APPROVED, _S.AUTHORISED, by=(_A.CHECKER,)),
        Transition(_T.RELEASE, _S.AUTHORISED, _S.RELEASED, by=(_A.RELEASER,)),
        *(Transition(_T.REJECT, state, _S.ENTITLED, by=(_A.CHECKER, _A.RELEASER)) for state in _UNDER_REVIEW),
        Transition(_T.DISPATCH, _S.RELEASED, _S.DISPATCHED, by=(_A.RELEASER,)),
        Transition(_T.RECEIVE_REPORT, _S.DISPATCHED, _S.RECONCILING, by=(_A.PROVIDER,)),
        Transition(_T.RECEIVE_REPORT, _S.RECONCILING, _S.RECONCILING, by=(_A.PROVIDER,)),
        Transition(_T.RECONCILE, _S.RECONCILING, _S.RECONCILED, by=(_A.PROVIDER,)),
        *(
            Transition(_T.CANCEL, state, _S.CANCELLED, by=(_A.MAKER, _A.TIMER))
            for state in (*_PREPARED, *_UNDER_REVIEW)
        ),
        Transition(_T.CANCEL, _S.RELEASED, _S.CANCELLED, by=(_A.MAKER,)),
    ),
)

MAKER = (PlanActor.MAKER,)

APPROVAL_STATES = {
    ApprovalStage.APPROVE: _S.SUBMITTED,
    ApprovalStage.AUTHORISE: _S.APPROVED,
    ApprovalStage.RELEASE: _S.AUTHORISED,
}
"""The stages in their order, and the state in which a plan waits for each."""

APPROVAL_ACTORS = {
    ApprovalStage.APPROVE: _A.CHECKER,
    ApprovalStage.AUTHORISE: _A.CHECKER,
    ApprovalStage.RELEASE: _A.RELEASER,
}


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval at one stage, of one list of payments."""

    stage: ApprovalStage
    by: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The facts of a payment plan on which its steps depend.

    `makers` are the people who prepared it, `approvals` those of the current round. `total` is in minor units,
    `content_hash` is the SHA-256 of the payments.
    """

    makers: frozenset[str]
    state: PaymentPlanState = PaymentPlanState.DRAFT
    total: int = 0
    content_hash: str | None = None
    round: int = 0
    approvals: tuple[Approval, ...] = ()


MAX_CYCLE_DISTANCE = 12
"""The largest distance of a paid month from the current one. Each cycle pays a household once, so that any month would
be a way to pay again."""


def require_cycle(cycle: str, now: datetime) -> None:
    """Check that a cycle (2026-11) is not more than a year ago or ahead. Raises Invalid."""
    year, month = map(int, cycle.split("-"))
    if abs(year * 12 + month - now.year * 12 - now.month) > MAX_CYCLE_DISTANCE:
        fault = Fault("/cycle", f"Give a month not more than {MAX_CYCLE_DISTANCE} months from now.")
        raise Invalid(f"The cycle {cycle} cannot be paid.", fault)


def take_step(plan: Plan, step: PlanStep, actors: Collection[PlanActor]) -> Plan:
    """Take a step that has no function of its own. A rejection ends the round.

    Raises TransitionNotAllowed, ActorNotAllowed.
    """
    state = PAYMENT_PLAN.apply(plan.state, step, actors)
    approvals = () if step is PlanStep.REJECT else plan.approvals
    return replace(plan, state=state, approvals=approvals)


def populate(plan: Plan, *, by: str) -> Plan:
    """Choose the households. Raises TransitionNotAllowed."""
    populated = take_step(plan, PlanStep.POPULATE, MAKER)
    return replace(populated, makers=plan.makers | {by})


def entitle(plan: Plan, *, by: str, rule_author: str, content_hash: str, total: int) -> Plan:
    """Compute the amounts by a rule. Its author is one of the plan's makers. Raises TransitionNotAllowed."""
    entitled = take_step(plan, PlanStep.ENTITLE, MAKER)
    makers = plan.makers | {by, rule_author}
    return replace(entitled, makers=makers, content_hash=content_hash, total=total)


def submit(plan: Plan, *, by: str, actors: Collection[PlanActor] = MAKER) -> Plan:
    """Begin a new round, in which nobody has approved yet.

    Raises TransitionNotAllowed, ActorNotAllowed, PlanWithoutPayments.
    """
    submitted = take_step(plan, PlanStep.SUBMIT, actors)
    if plan.total <= 0 or plan.content_hash is None:
        raise PlanWithoutPayments
    return replace(submitted, makers=plan.makers | {by}, round=plan.round + 1, approvals=())


def require_approver(plan: Plan, stage: ApprovalStage, *, by: str) -> None:
    """Check that the plan waits for this stage and that this person may approve it.

    Raises TransitionNotAllowed, ApproverPreparedPlan, AlreadyApproved.
    """
    PAYMENT_PLAN.apply(plan.state, stage, (APPROVAL_ACTORS[stage],))
    if by in plan.makers:
        raise ApproverPreparedPlan
    if any(approval.by == by for approval in plan.approvals):
        raise AlreadyApproved


def require_independent(plan: Plan, *, by: str) -> None:
    """Check that this person made nothing of the plan. Raises MakerOrders."""
    if by in plan.makers:
        raise MakerOrders


def require_orderer(plan: Plan, *, by: str) -> None:
    """Check that this person may take the order of the plan now. Raises TransitionNotAllowed, MakerOrders."""
    take_step(plan, PlanStep.DISPATCH, (PlanActor.RELEASER,))
    require_independent(plan, by=by)


def approve(
    plan: Plan,
    stage: ApprovalStage,
    *,
    by: str,
    content_hash: str,
    tiers: Sequence[ApprovalTier],
    least_tiers: Sequence[ApprovalTier] = (),
) -> Plan:
    """Add one person's approval at a stage. The plan advances with the last approval that the stage needs.

    `content_hash` is the SHA-256 of the payments as they are now, `tiers` are those of the programme, `least_tiers`
    those that the agency demands of every programme. Raises as `require_approver`, and PaymentsChanged
    where the payments are not those that were submitted.
    """
    require_approver(plan, stage, by=by)
    if content_hash != plan.content_hash:
        raise PaymentsChanged
    approvals = (*plan.approvals, Approval(stage, by, content_hash))
    given = sum(approval.stage is stage for approval in approvals)
    if given < max(approvals_needed(stage, plan.total, each) for each in (tiers, least_tiers)):
        return replace(plan, approvals=approvals)
    state = PAYMENT_PLAN.apply(plan.state, stage, (APPROVAL_ACTORS[stage],))
    return replace(plan, approvals=approvals, state=state)
