"""The states of a payment, and the effect of a report on them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from solidary.language.problems import NotAllowed
from solidary.language.transitions import Transition, TransitionTable


class PaymentState(StrEnum):
    """The state of a payment. `docs/using/bank-messages.md` shows the transitions."""

    PLANNED = "planned"
    RESERVED = "reserved"
    SENT = "sent"
    ACCEPTED = "accepted_by_fsp"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    PARTIAL = "partial"
    RETURNED = "returned"
    REJECTED = "rejected"
    """The provider rejected it. Its money stays reserved until a statement or a second person confirms that."""
    FAILED = "failed"
    CANCELLED = "cancelled"


class PaymentActor(StrEnum):
    """A cause of a transition: a step of the payment's plan, a report of the provider, or a person who confirms it."""

    PLAN = "plan"
    PROVIDER = "provider"
    CHECKER = "checker"


_S = PaymentState
_SENT_STATES = (_S.SENT, _S.ACCEPTED, _S.UNKNOWN)
_BOOKED_REPORTS = (_S.DELIVERED, _S.PARTIAL, _S.RETURNED)
_REPORT_STEPS = {
    _S.ACCEPTED: "report accepted",
    _S.UNKNOWN: "report unknown",
    _S.DELIVERED: "report delivered",
    _S.PARTIAL: "report partial",
    _S.RETURNED: "report returned",
    _S.REJECTED: "report rejected",
}


def _report(source: PaymentState, target: PaymentState) -> Transition[PaymentState, PaymentActor]:
    return Transition(_REPORT_STEPS[target], source, target, by=(PaymentActor.PROVIDER,))


def _reports() -> Iterator[Transition[PaymentState, PaymentActor]]:
    for source in _SENT_STATES:
        for target in (_S.ACCEPTED, _S.UNKNOWN, *_BOOKED_REPORTS, _S.REJECTED):
            if target is not source:
                yield _report(source, target)
    for target in _BOOKED_REPORTS:
        yield _report(_S.REJECTED, target)
    yield _report(_S.PARTIAL, _S.RETURNED)
    yield _report(_S.DELIVERED, _S.RETURNED)


PAYMENT = TransitionTable(
    "payment",
    initial=(_S.PLANNED,),
    transitions=(
        Transition("reserve", _S.PLANNED, _S.RESERVED, by=(PaymentActor.PLAN,)),
        Transition("cancel", _S.PLANNED, _S.CANCELLED, by=(PaymentActor.PLAN,)),
        Transition("cancel", _S.RESERVED, _S.CANCELLED, by=(PaymentActor.PLAN,)),
        Transition("leave out", _S.RESERVED, _S.FAILED, by=(PaymentActor.PLAN,)),
        Transition("send", _S.RESERVED, _S.SENT, by=(PaymentActor.PLAN,)),
        *_reports(),
        Transition("confirm rejection", _S.REJECTED, _S.FAILED, by=(PaymentActor.CHECKER,)),
    ),
)
"""The transitions of a payment. None leads back to `sent`: a payment is never sent twice. A payment that failed, or was
left out of its order (`ExclusionReason`), is paid by a follow-up plan. A rejection alone makes nobody payable again: a
bank may pay after it, and a file is quickly made by hand."""

LIVE_STATES = frozenset(PaymentState) - {_S.RETURNED, _S.FAILED, _S.CANCELLED}
"""The states of which a household has at most one payment per cycle and purpose."""


class ExclusionReason(StrEnum):
    """The reason why an approved payment is left out of its order. It fails with this reason."""

    CONSENT_ENDED = "consent_ended"
    """Intake returns no payee: the consent has ended, or the person was erased."""
    NO_ACCOUNT = "no_account"
    ACCOUNT_CHANGED = "account_changed"
    """The account, or the name, is another one than at the approval."""
    NOT_WRITABLE = "not_writable"
    """The name or the account cannot be written into an order."""


class Contradiction(Exception):
    """A report that contradicts the state of the payment: a person must look into it. `explanation` is a sentence."""

    def __init__(self, explanation: str) -> None:
        self.explanation = explanation
        super().__init__(explanation)


def state_after_report(state: PaymentState, reported: PaymentState) -> PaymentState:
    """Return the state after a report.

    A report that repeats what is recorded, or arrives late (accepted after delivered), changes nothing. Raises
    Contradiction where it contradicts what is recorded (delivered after failed).
    """
    if reported is state or reported in _EARLIER_REPORTS.get(state, frozenset()):
        return state
    try:
        return PAYMENT.move(state, reported, (PaymentActor.PROVIDER,))
    except NotAllowed:
        explanation = f"The provider reported «{reported}», but the payment is «{state}»."
        raise Contradiction(explanation) from None


_ON_THE_WAY = frozenset({_S.SENT, _S.ACCEPTED})
_EARLIER_REPORTS = {
    _S.ACCEPTED: frozenset({_S.SENT}),
    _S.UNKNOWN: frozenset({_S.SENT}),
    **dict.fromkeys((_S.DELIVERED, _S.PARTIAL), _ON_THE_WAY),
    _S.REJECTED: frozenset({_S.SENT}),
    _S.FAILED: _ON_THE_WAY | {_S.REJECTED},
    _S.RETURNED: _ON_THE_WAY | {_S.DELIVERED, _S.PARTIAL},
}
"""For each state, the reports that belong to an earlier moment and change nothing."""
