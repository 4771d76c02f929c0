"""The way of a payment plan, and who may say yes to it.

Two pairs of eyes are not enough if they may belong to one person: whoever made a plan (created it, wrote its
formula, changed its payments, submitted it) says no yes to it, and whoever said yes once in a round does not
say it again, at any stage. A yes holds for one list of payments, known by its SHA-256 (`content.py`); when the
content changes, the round is over and all are asked anew. A no needs no such separation: stopping money harms
nobody's control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from solidary.language.problems import Conflict, NotAllowed


class PlanState(StrEnum):
    """Where a plan stands. `docs/using/payment-plans.md` shows the same table."""

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
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What is done to a plan."""

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
    RECEIVE = "receive"
    RECONCILE = "reconcile"
    CLOSE = "close"
    CANCEL = "cancel"


_S, _D = PlanState, Step

#: From each state, what may be done and where it leads.
ARROWS: dict[PlanState, dict[Step, PlanState]] = {
    _S.DRAFT: {_D.POPULATE: _S.POPULATED, _D.CANCEL: _S.CANCELLED},
    _S.POPULATED: {_D.POPULATE: _S.POPULATED, _D.LOCK: _S.LOCKED, _D.CANCEL: _S.CANCELLED},
    _S.LOCKED: {_D.ENTITLE: _S.ENTITLED, _D.UNLOCK: _S.POPULATED, _D.CANCEL: _S.CANCELLED},
    _S.ENTITLED: {
        _D.ENTITLE: _S.ENTITLED,
        _D.UNLOCK: _S.POPULATED,
        _D.SUBMIT: _S.SUBMITTED,
        _D.CANCEL: _S.CANCELLED,
    },
    _S.SUBMITTED: {_D.APPROVE: _S.APPROVED, _D.REJECT: _S.ENTITLED, _D.CANCEL: _S.CANCELLED},
    _S.APPROVED: {_D.AUTHORISE: _S.AUTHORISED, _D.REJECT: _S.ENTITLED, _D.CANCEL: _S.CANCELLED},
    _S.AUTHORISED: {_D.RELEASE: _S.RELEASED, _D.REJECT: _S.ENTITLED, _D.CANCEL: _S.CANCELLED},
    _S.RELEASED: {_D.DISPATCH: _S.DISPATCHED, _D.CANCEL: _S.CANCELLED},
    _S.DISPATCHED: {_D.RECEIVE: _S.RECONCILING},
    _S.RECONCILING: {_D.RECEIVE: _S.RECONCILING, _D.RECONCILE: _S.RECONCILED},
    _S.RECONCILED: {_D.CLOSE: _S.CLOSED},
    _S.CLOSED: {},
    _S.CANCELLED: {},
}

#: The three yeses, in their order, and the state in which each is asked for.
STAGES = {_D.APPROVE: _S.SUBMITTED, _D.AUTHORISE: _S.APPROVED, _D.RELEASE: _S.AUTHORISED}
_UNDER_REVIEW = frozenset(STAGES.values())


@dataclass(frozen=True, slots=True)
class Yes:
    """One person's yes at one stage, to one list of payments."""

    stage: Step
    by: str
    content: str


@dataclass(frozen=True, slots=True)
class Tier:
    """From this total on (minor units), so many people must say yes at each stage."""

    least: int
    people: dict[Step, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as far as its way is concerned. `total` in minor units; `content` the SHA-256 of its payments."""

    created_by: str
    formula_by: str | None = None
    changed_by: frozenset[str] = frozenset()
    state: PlanState = PlanState.DRAFT
    total: int = 0
    content: str | None = None
    round: int = 0
    submitted_by: str | None = None
    yeses: tuple[Yes, ...] = ()

    @property
    def makers(self) -> frozenset[str]:
        """Who made it, and so may not say yes to it."""
        return self.changed_by | {self.created_by, self.formula_by or "", self.submitted_by or ""} - {""}


def move(plan: Plan, step: Step) -> Plan:
    """A step that is neither a yes nor a submission. A rejection ends the round. Raises NotAllowed."""
    after = ARROWS[plan.state].get(step)
    if after is None or step in STAGES or step is Step.SUBMIT:
        raise NotAllowed(f"a plan that is {plan.state} cannot {step}")
    return _round_over(plan) if step is Step.REJECT else replace(plan, state=after)


def _round_over(plan: Plan) -> Plan:
    return replace(plan, state=PlanState.ENTITLED, submitted_by=None, yeses=())


def entitle(plan: Plan, *, by: str | None, content: str, total: int) -> Plan:
    """The amounts are computed, by the formula of `by` (None for a rule without one)."""
    return replace(move(plan, Step.ENTITLE), formula_by=by, content=content, total=total)


def submit(plan: Plan, *, by: str) -> Plan:
    """A new round begins: nobody has said yes."""
    if plan.state is not PlanState.ENTITLED or plan.content is None:
        raise NotAllowed(f"a plan that is {plan.state} cannot submit")
    if plan.total <= 0:
        raise NotAllowed("a plan that pays nothing is not submitted")
    return replace(plan, state=PlanState.SUBMITTED, submitted_by=by, round=plan.round + 1, yeses=())


def decide(plan: Plan, step: Step, *, by: str, content: str, tiers: Sequence[Tier]) -> Plan:
    """One person's yes at a stage; the plan moves on with the last one that the stage needs.

    `content` is the SHA-256 of the payments as they are now: a release computes it anew. Raises NotAllowed
    for a maker, for a second yes in the round and out of turn; Conflict where the payments are not those that
    were submitted.
    """
    if STAGES.get(step) is not plan.state:
        raise NotAllowed(f"a plan that is {plan.state} cannot {step}")
    if by in plan.makers:
        raise NotAllowed("who made a plan (its payments, its formula, its submission) says no yes to it")
    if any(yes.by == by for yes in plan.yeses):
        raise NotAllowed("one person says yes once in a round, at whatever stage")
    if content != plan.content:
        raise Conflict("the payments are not those that were submitted")
    yeses = (*plan.yeses, Yes(step, by, content))
    missing = people_needed(step, plan.total, tiers) - sum(yes.stage is step for yes in yeses)
    return replace(plan, yeses=yeses, state=plan.state if missing > 0 else ARROWS[plan.state][step])


def people_needed(stage: Step, total: int, tiers: Sequence[Tier]) -> int:
    """How many people must say yes: that of the highest tier which the total reaches, never less than one."""
    reached = [tier for tier in tiers if total >= tier.least]
    highest = max(reached, key=lambda tier: tier.least, default=None)
    return max(1, highest.people.get(stage, 1)) if highest else 1


def change_content(plan: Plan, *, by: str, content: str, total: int) -> Plan:
    """Somebody has changed the payments, and is one of the plan's makers from now on.

    Under review the round is over and the plan is entitled again, with nobody's yes; once it is released its
    payments stand. Raises NotAllowed.
    """
    if content == plan.content and total == plan.total:
        return plan
    if plan.state in _UNDER_REVIEW:
        plan = _round_over(plan)
    elif plan.state is not PlanState.ENTITLED:
        raise NotAllowed(f"the payments of a plan that is {plan.state} do not change")
    return replace(plan, content=content, total=total, changed_by=plan.changed_by | {by})
