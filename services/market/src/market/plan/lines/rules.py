"""The states of a plan line, which the planning service decides."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.problems import NotAllowed
from solidary.language.transitions import Transition, TransitionTable


class PlanLineState(StrEnum):
    """The states of a plan line."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class PlanLineActor(StrEnum):
    """The party that decides on a plan line."""

    PLANNING = "planning service"


_BY = (PlanLineActor.PLANNING,)

PLAN_LINE_TRANSITIONS = TransitionTable(
    "plan line",
    initial=(PlanLineState.PROPOSED,),
    transitions=tuple(
        Transition(step, state, target, by=_BY)
        for step, target in (("accept", PlanLineState.ACCEPTED), ("reject", PlanLineState.REJECTED))
        for state in PlanLineState
    ),
)
"""The last decision counts, and a repeated one changes nothing."""


def decide(state: PlanLineState, step: str) -> PlanLineState:
    """Return the state after a decision of the planning service: `accept` or `reject`."""
    return PLAN_LINE_TRANSITIONS.apply(state, step, {PlanLineActor.PLANNING})


def require_sector(is_recorded: bool) -> None:
    """Check that the sector of a plan line has been recorded by its assessment. Raises NotAllowed."""
    if not is_recorded:
        raise NotAllowed(
            "The assessment has not recorded the sector of this plan line. Propose a line for a recorded sector."
        )
