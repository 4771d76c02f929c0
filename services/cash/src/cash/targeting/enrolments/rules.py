"""The states of an enrolment and the actors who may change them."""

from __future__ import annotations

from enum import StrEnum

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
