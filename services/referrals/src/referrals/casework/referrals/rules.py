"""The states of a referral, the parties that may change them, and the effect of a consent's end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from solidary.language.problems import NotAllowed
from solidary.language.transitions import Transition, TransitionTable

from referrals.problems import NoFreePlaces


class ReferralState(StrEnum):
    """The states of a referral, which are those of a FHIR Task, one to one."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered_in_error"


class Party(StrEnum):
    """The actors of transitions: the sender, the receiver, and the end of the consent or of the person's record."""

    SENDER = "sender"
    RECEIVER = "receiver"
    CONSENT_END = "end of consent"


_S, _P = ReferralState, Party

REFERRAL_TRANSITIONS = TransitionTable(
    "referral",
    initial=(_S.DRAFT, _S.REQUESTED),
    transitions=(
        Transition("send", _S.DRAFT, _S.REQUESTED, by=(_P.SENDER,)),
        Transition("accept", _S.REQUESTED, _S.ACCEPTED, by=(_P.RECEIVER,)),
        Transition("reject", _S.REQUESTED, _S.REJECTED, by=(_P.RECEIVER,)),
        Transition("start", _S.ACCEPTED, _S.IN_PROGRESS, by=(_P.RECEIVER,)),
        Transition("start", _S.ON_HOLD, _S.IN_PROGRESS, by=(_P.RECEIVER,)),
        Transition("hold", _S.ACCEPTED, _S.ON_HOLD, by=(_P.RECEIVER,)),
        Transition("hold", _S.IN_PROGRESS, _S.ON_HOLD, by=(_P.RECEIVER,)),
        Transition("complete", _S.IN_PROGRESS, _S.COMPLETED, by=(_P.RECEIVER,)),
        Transition("fail", _S.IN_PROGRESS, _S.FAILED, by=(_P.RECEIVER, _P.CONSENT_END)),
        Transition("cancel", _S.DRAFT, _S.CANCELLED, by=(_P.SENDER, _P.CONSENT_END)),
        Transition("cancel", _S.REQUESTED, _S.CANCELLED, by=(_P.SENDER, _P.CONSENT_END)),
        Transition("cancel", _S.ACCEPTED, _S.CANCELLED, by=(_P.SENDER, _P.CONSENT_END)),
        Transition("cancel", _S.ON_HOLD, _S.CANCELLED, by=(_P.SENDER, _P.CONSENT_END)),
        *(
            Transition("enter in error", state, _S.ENTERED_IN_ERROR, by=(_P.SENDER,))
            for state in _S
            if state is not _S.ENTERED_IN_ERROR
        ),
    ),
)

OPEN_STATES = frozenset({_S.REQUESTED, _S.ACCEPTED, _S.IN_PROGRESS, _S.ON_HOLD})
UNFINISHED_STATES = OPEN_STATES | {_S.DRAFT}
"""The states of a referral that ends with its consent."""

CASH_STATES = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.ON_HOLD, _S.COMPLETED})
"""The states of a cash referral under which cash enrols the household."""

PACKAGE_STATES = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.ON_HOLD})
"""The states in which the receiver may read the package."""

CAPACITY_VALIDITY = timedelta(days=14)
"""The age after which a reported capacity counts as unknown, as in `referrals.engines.suggestion`."""


def step_at_consent_end(state: ReferralState) -> str:
    """Return the step that ends an unfinished referral when its consent ends.

    Work in progress cannot be cancelled any more: it fails.
    """
    return "fail" if state is ReferralState.IN_PROGRESS else "cancel"


def require_readable_preview(state: ReferralState) -> None:
    """Raise NotAllowed where the receiver may not read the preview: after the end."""
    if state not in OPEN_STATES:
        raise NotAllowed(f"The preview of a referral in the state «{state}» cannot be read any more.")


def require_readable_package(state: ReferralState, purpose: str = "service") -> None:
    """Raise NotAllowed where the receiver may not read the package.

    It is readable from accepting to the end. A referral to cash assistance has none: cash reads what payments need.
    """
    if purpose == "cash":
        raise NotAllowed(
            "A referral to cash assistance has no package. Read the household's enrolment in cash."
        )
    if state not in PACKAGE_STATES:
        raise NotAllowed(f"The package of a referral in the state «{state}» cannot be read. Accept it first.")


def require_free_places(
    available: int | None,
    updated_at: datetime | None,
    now: datetime,
    *,
    has_waiting_list: bool,
    although_full: bool,
) -> None:
    """Raise NoFreePlaces for a service that is known to be full and has no waiting list.

    `although_full` is the sender's decision to send the referral nevertheless.
    """
    is_known = available is not None and updated_at is not None and now - updated_at <= CAPACITY_VALIDITY
    if is_known and available == 0 and not has_waiting_list and not although_full:
        raise NoFreePlaces
