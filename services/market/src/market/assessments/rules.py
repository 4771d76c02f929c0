"""How an assessment goes on, and how a proposed plan line is answered."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from solidary.language.problems import NotAllowed


class State(StrEnum):
    """An assessment's way, in the order of the rapid market assessment."""

    DESIGNED = "designed"
    AGREED = "agreed_with_municipality"
    FIELDING = "fielding"
    CLEANED = "cleaned"
    SCORED = "scored"
    VALIDATED = "validated_in_workshop"
    ACTION_PLAN = "action_plan"
    ADOPTED = "adopted"
    MONITORED = "monitored"


ORDER = tuple(State)

DECIDED = frozenset({State.AGREED})
"""Reached by the municipality's own word, never by a step: the designing agency may take steps too."""

FINDINGS_IN = frozenset({State.FIELDING, State.CLEANED, State.SCORED})
"""Sectors and barriers are recorded from the field work until the workshop."""

PROPOSALS_IN = frozenset({State.VALIDATED, State.ACTION_PLAN})
"""Plan lines are proposed once the findings were validated with those they are about."""


class LineState(StrEnum):
    """A plan line's way: what planning answers."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


def agree(state: State, *, by_owner: bool) -> State:
    """The co-leading municipality agrees to the design. Raises NotAllowed for the assessment's own owner."""
    if by_owner:
        raise NotAllowed("the municipality that leads with you agrees, not the agency that designed it")
    return _follow(state, State.AGREED)


def advance(state: State, to: State) -> State:
    """One step on; none is left out and none is taken back. Raises NotAllowed, also for what is DECIDED."""
    if to in DECIDED:
        raise NotAllowed(f"an assessment is {to} when the municipality agrees, not by a step")
    return _follow(state, to)


def _follow(state: State, to: State) -> State:
    follows = ORDER.index(state) + 1
    if follows >= len(ORDER) or ORDER[follows] is not to:
        allowed = ORDER[follows] if follows < len(ORDER) else "nothing"
        raise NotAllowed(f"after {state} comes {allowed}, not {to}")
    return to


def require_findings(state: State) -> None:
    """Raises NotAllowed unless findings may be recorded."""
    if state not in FINDINGS_IN:
        raise NotAllowed(f"findings are recorded in {', '.join(sorted(FINDINGS_IN))}; this one is {state}")


def require_proposals(state: State, sectors: int) -> None:
    """Raises NotAllowed unless a plan line may be proposed: validated findings, a sector at least."""
    if state not in PROPOSALS_IN:
        raise NotAllowed(f"plan lines are proposed in {', '.join(sorted(PROPOSALS_IN))}; this one is {state}")
    if not sectors:
        raise NotAllowed("a plan line needs a sector profile to stand on")


def answer(state: LineState, to: LineState) -> LineState:
    """What planning answered; the last answer counts, and a repeated one changes nothing."""
    return state if to is LineState.PROPOSED else to


def growth(employment_before: int, employment_after: int) -> Fraction | None:
    """Relative change of employment between two periods; None where there was none before."""
    if employment_before == 0:
        return None
    return Fraction(employment_after - employment_before, employment_before)
