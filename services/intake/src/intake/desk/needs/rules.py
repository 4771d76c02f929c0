"""Who may write which code down, and what becomes of a need (docs/using/intake.md prints the table)."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.codes.specific_needs import ConfidentialityTier, SpecificNeed, load_specific_needs
from solidary.language.problems import Fault, Forbidden, Invalid, NotAllowed


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class NeedState(StrEnum):
    OPEN = "open"
    MET = "met"
    CLOSED = "closed"


FUNCTIONAL_DIFFICULTY = "WG-"
"""How the codes of the Washington Group begin. A household's coded profile counts who has one."""
NEXT = {
    NeedState.OPEN: {NeedState.MET, NeedState.CLOSED},
    NeedState.MET: set[NeedState](),
    NeedState.CLOSED: set[NeedState](),
}


def move(state: NeedState, to: NeedState) -> NeedState:
    """Raises NotAllowed for an arrow that the table does not have: what comes back is recorded anew."""
    if to not in NEXT[state]:
        raise NotAllowed(f"a need that is {state} does not become {to}")
    return to


def ordinary(code: str, pointer: str) -> SpecificNeed:
    """The entry of a code that the desk may record.

    Raises Invalid for a code that is unknown or retired, Forbidden for a restricted one: the desk offers to
    speak with a specialist, and asks nothing (docs/using/intake.md).
    """
    need = _in_use(code, pointer)
    if need.tier is ConfidentialityTier.RESTRICTED:
        raise Forbidden("a protection officer records this code; offer to speak with one, and ask no more")
    return need


def restricted(code: str, pointer: str) -> SpecificNeed:
    """The entry of a code of the specialist's store. Raises Invalid for any other."""
    need = _in_use(code, pointer)
    if need.tier is not ConfidentialityTier.RESTRICTED:
        raise Invalid("the desk records this code", Fault(pointer, "is an ordinary code"))
    return need


def _in_use(code: str, pointer: str) -> SpecificNeed:
    need = load_specific_needs().codes.get(code)
    if need is None or need.retired:
        why = "is not a code of the list" if need is None else "is retired: it is read, not written anew"
        raise Invalid("no such code of need", Fault(pointer, why))
    return need
