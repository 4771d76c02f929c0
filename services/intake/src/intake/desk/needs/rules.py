"""The states of a need, and the codes that the desk or a protection officer may record (docs/using/intake.md)."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.codes.specific_needs import ConfidentialityTier, SpecificNeed, load_specific_needs
from solidary.language.problems import Fault, Invalid
from solidary.language.transitions import Transition, TransitionTable

from intake.problems import NeedRestricted


class Severity(StrEnum):
    """The severity of a need."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class NeedState(StrEnum):
    """The state of an ordinary need."""

    OPEN = "open"
    MET = "met"
    CLOSED = "closed"


class NeedActor(StrEnum):
    """The party that changes the state of a need."""

    DESK = "desk"


NEED_TRANSITIONS = TransitionTable(
    "need",
    initial=(NeedState.OPEN,),
    transitions=(
        Transition("meet", NeedState.OPEN, NeedState.MET, by=(NeedActor.DESK,)),
        Transition("close", NeedState.OPEN, NeedState.CLOSED, by=(NeedActor.DESK,)),
    ),
)

FUNCTIONAL_DIFFICULTY_PREFIX = "WG-"
"""The beginning of the Washington Group's codes. A household's coded profile counts the people who have one."""


def is_functional_difficulty(code: str) -> bool:
    """Return whether a code is one of the Washington Group's domains."""
    return code.startswith(FUNCTIONAL_DIFFICULTY_PREFIX)


def require_ordinary_code(code: str, pointer: str) -> SpecificNeed:
    """Return the entry of a code that the desk may record.

    Raises Invalid for an unknown or retired code, and NeedRestricted for a restricted one: the desk offers a talk
    with a protection officer and asks nothing (docs/using/intake.md).
    """
    need = _require_current_code(code, pointer)
    if need.tier is ConfidentialityTier.RESTRICTED:
        raise NeedRestricted
    return need


def require_restricted_code(code: str, pointer: str) -> SpecificNeed:
    """Return the entry of a restricted code. Raises Invalid for any other code."""
    need = _require_current_code(code, pointer)
    if need.tier is not ConfidentialityTier.RESTRICTED:
        raise Invalid(
            "The desk records this code.", Fault(pointer, "This code is ordinary. Record it among the needs.")
        )
    return need


def _require_current_code(code: str, pointer: str) -> SpecificNeed:
    need = load_specific_needs().codes.get(code)
    if need is None:
        raise Invalid("There is no such code of need.", Fault(pointer, "This code is not in the list."))
    if need.retired:
        raise Invalid(
            "This code of need is retired.",
            Fault(
                pointer, "This code is retired: it is shown where it was recorded, but not recorded again."
            ),
        )
    return need
