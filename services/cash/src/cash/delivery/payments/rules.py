"""The states of a payment, and which may follow which."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.problems import NotAllowed


class PaymentState(StrEnum):
    """Where a payment stands. `docs/using/bank-messages.md` shows the same table."""

    PLANNED = "planned"
    RESERVED = "reserved"
    SENT = "sent"
    ACCEPTED = "accepted_by_fsp"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    PARTIAL = "partial"
    RETURNED = "returned"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_S = PaymentState
_ENDS = {_S.DELIVERED, _S.PARTIAL, _S.RETURNED, _S.FAILED, _S.EXPIRED}

#: From each state, those that may follow. No answer leads to `unknown`, and from there only an answer leads
#: on: nothing leads back to `sent`, so a payment is never sent twice. What failed goes to a follow-up plan,
#: also what could not be put into its order (`NotSent`).
ARROWS: dict[PaymentState, frozenset[PaymentState]] = {
    _S.PLANNED: frozenset({_S.RESERVED, _S.CANCELLED}),
    _S.RESERVED: frozenset({_S.SENT, _S.FAILED, _S.CANCELLED}),
    _S.SENT: frozenset({_S.ACCEPTED, _S.UNKNOWN, *_ENDS}),
    _S.ACCEPTED: frozenset({_S.UNKNOWN, *_ENDS}),
    _S.UNKNOWN: frozenset({_S.ACCEPTED, *_ENDS}),
    _S.DELIVERED: frozenset({_S.RETURNED}),
    _S.PARTIAL: frozenset({_S.DELIVERED, _S.RETURNED}),
    _S.RETURNED: frozenset(),
    _S.FAILED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.CANCELLED: frozenset(),
}

#: A household has at most one of these per cycle and purpose.
LIVE = frozenset(PaymentState) - {_S.RETURNED, _S.FAILED, _S.EXPIRED, _S.CANCELLED}


class NotSent(StrEnum):
    """Why an agreed payment is not in its plan's order: it fails with this reason, and its household is told."""

    CONSENT_ENDED = "consent_ended"
    """Intake tells no payee any more: the consent is over, or the person was erased."""
    NO_ACCOUNT = "no_account"
    ACCOUNT_CHANGED = "account_changed"
    """Another account, or another name, than when people said yes."""
    NOT_WRITABLE = "not_writable"
    """The name or the account cannot stand in an order."""


class Contradiction(NotAllowed):
    """A report that the payment's state rules out: somebody must look."""


def follow(state: PaymentState, reported: PaymentState) -> PaymentState:
    """The state after a report.

    A report that says again what is known, or that comes late (accepted after delivered), changes nothing.
    Raises Contradiction where it says otherwise than what has been settled (delivered after failed).
    """
    if reported is state or reported in _BEFORE.get(state, frozenset()):
        return state
    if reported not in ARROWS[state]:
        raise Contradiction(f"reported {reported}, but the payment is {state}")
    return reported


_ON_THE_WAY = frozenset({_S.SENT, _S.ACCEPTED})
_BEFORE = {
    _S.ACCEPTED: frozenset({_S.SENT}),
    _S.UNKNOWN: frozenset({_S.SENT}),
    **dict.fromkeys(_ENDS, _ON_THE_WAY),
    _S.RETURNED: _ON_THE_WAY | {_S.DELIVERED, _S.PARTIAL},
}
