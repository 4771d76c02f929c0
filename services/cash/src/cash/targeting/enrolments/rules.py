"""The states of an enrolment and the actors who may change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solidary.language.transitions import Transition, TransitionTable


class EnrolmentState(StrEnum):
    """The state of an enrolment. `docs/using/cash.md` shows the transitions."""

    ENROLLED = "enrolled"
    CONSENT_ENDED = "consent_ended"


class EnrolmentActor(StrEnum):
    """A cause of a transition."""

    CONSENT = "end of the consent"
    ERASURE = "erasure of the person"


ENROLMENT = TransitionTable(
    "enrolment",
    initial=(EnrolmentState.ENROLLED,),
    transitions=(
        Transition(
            "end",
            EnrolmentState.ENROLLED,
            EnrolmentState.CONSENT_ENDED,
            by=(EnrolmentActor.CONSENT, EnrolmentActor.ERASURE),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """The facts beside its profile that decide by whom and whether a household may be paid.

    `makers` wrote it; `account_fingerprint` is a keyed token of the account, `tokens` are those of the people.
    `account_changed` is the time of a change of an account that was known before, `account_confirmed` is true where a
    second person has confirmed it.
    """

    makers: Sequence[UUID]
    is_provisional: bool
    account_fingerprint: str | None
    account_changed: datetime | None
    account_confirmed: bool
    tokens: Sequence[str]
