"""A person's way through a route: its states and their arrows (docs/using/intake.md prints this table)."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.problems import Fault, NotAllowed

from intake.engines.pathways.guard import Advice


class State(StrEnum):
    IDENTIFIED = "identified"
    INFORMED = "informed"
    GATHERING_DOCUMENTS = "gathering_documents"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    APPEALED = "appealed"


NEXT = {
    State.IDENTIFIED: {State.INFORMED, State.WITHDRAWN},
    State.INFORMED: {State.GATHERING_DOCUMENTS, State.SUBMITTED, State.WITHDRAWN},
    State.GATHERING_DOCUMENTS: {State.SUBMITTED, State.WITHDRAWN},
    State.SUBMITTED: {State.RETURNED, State.GRANTED, State.DENIED, State.WITHDRAWN},
    State.RETURNED: {State.GATHERING_DOCUMENTS, State.SUBMITTED, State.WITHDRAWN},
    State.GRANTED: set[State](),
    State.DENIED: {State.APPEALED},
    State.WITHDRAWN: set[State](),
    State.APPEALED: {State.GRANTED, State.DENIED, State.WITHDRAWN},
}
RESOLVED = frozenset({State.GRANTED, State.DENIED, State.WITHDRAWN})


def move(state: State, to: State) -> State:
    """Raises NotAllowed for an arrow that the table does not have."""
    if to not in NEXT[state]:
        raise NotAllowed(f"a procedure that is {state} does not become {to}")
    return to


def must_be_talked_over(advice: Advice, *, talked_over: bool) -> None:
    """A route that is not proposed by default opens only after its warnings were spoken about.

    Raises NotAllowed with the warnings.
    """
    if not advice.by_default and not talked_over:
        raise NotAllowed(
            "speak about the warnings first, with legal aid where the guidance says so",
            *(Fault("/talked_over", warning.wording.es) for warning in advice.warnings),
        )
