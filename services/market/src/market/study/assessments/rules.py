"""The states of a market assessment and who may change them."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.problems import NotAllowed
from solidary.language.transitions import Transition, TransitionTable


class AssessmentState(StrEnum):
    """The states of a market assessment, in their order."""

    DESIGNED = "designed"
    AGREED = "agreed_with_municipality"
    FIELDING = "fielding"
    CLEANED = "cleaned"
    SCORED = "scored"
    VALIDATED = "validated_in_workshop"
    ACTION_PLAN = "action_plan"
    ADOPTED = "adopted"
    MONITORED = "monitored"


class AssessmentActor(StrEnum):
    """The parties of a market assessment."""

    AGENCY = "agency that designed it"
    MUNICIPALITY = "municipality"


BOTH = (AssessmentActor.AGENCY, AssessmentActor.MUNICIPALITY)

ASSESSMENT_TRANSITIONS = TransitionTable(
    "market assessment",
    initial=(AssessmentState.DESIGNED,),
    transitions=(
        Transition(
            "agree", AssessmentState.DESIGNED, AssessmentState.AGREED, by=(AssessmentActor.MUNICIPALITY,)
        ),
        Transition("start_fieldwork", AssessmentState.AGREED, AssessmentState.FIELDING, by=BOTH),
        Transition("clean", AssessmentState.FIELDING, AssessmentState.CLEANED, by=BOTH),
        Transition("score", AssessmentState.CLEANED, AssessmentState.SCORED, by=BOTH),
        Transition("validate", AssessmentState.SCORED, AssessmentState.VALIDATED, by=BOTH),
        Transition("plan", AssessmentState.VALIDATED, AssessmentState.ACTION_PLAN, by=BOTH),
        Transition("adopt", AssessmentState.ACTION_PLAN, AssessmentState.ADOPTED, by=BOTH),
        Transition("monitor", AssessmentState.ADOPTED, AssessmentState.MONITORED, by=BOTH),
    ),
)

RECORDING_STATES = frozenset({AssessmentState.FIELDING, AssessmentState.CLEANED, AssessmentState.SCORED})
"""The states in which findings are recorded: from the fieldwork until the workshop."""

PROPOSING_STATES = frozenset({AssessmentState.VALIDATED, AssessmentState.ACTION_PLAN})
"""The states in which plan lines are proposed: after the findings were validated by the people they concern."""


def agree(state: AssessmentState, actor: AssessmentActor) -> AssessmentState:
    """Return the state after the municipality agreed. Raises TransitionNotAllowed, ActorNotAllowed."""
    return ASSESSMENT_TRANSITIONS.apply(state, "agree", {actor})


def advance(state: AssessmentState, target: AssessmentState, actor: AssessmentActor) -> AssessmentState:
    """Return `target`, if it is the next state. Raises NotAllowed, also for the agreement of the municipality."""
    if target is AssessmentState.AGREED:
        raise NotAllowed(
            "The municipality agrees with the request «agree». No other request leads to this state."
        )
    return ASSESSMENT_TRANSITIONS.move(state, target, {actor})


def require_recording(state: AssessmentState) -> None:
    """Check that findings may be recorded. Raises NotAllowed."""
    if state not in RECORDING_STATES:
        raise NotAllowed(
            f"Findings are recorded while the assessment is in one of the states {_listed(RECORDING_STATES)}. "
            f"It is in the state «{state}»."
        )


def require_proposing(state: AssessmentState, actor: AssessmentActor) -> None:
    """Check that a plan line may be proposed. Raises NotAllowed."""
    if actor is not AssessmentActor.AGENCY:
        raise NotAllowed("Only the agency that designed the assessment can propose plan lines.")
    if state not in PROPOSING_STATES:
        raise NotAllowed(
            f"Plan lines are proposed while the assessment is in one of the states {_listed(PROPOSING_STATES)}. "
            f"It is in the state «{state}»."
        )


def _listed(states: frozenset[AssessmentState]) -> str:
    return ", ".join(f"«{state}»" for state in AssessmentState if state in states)
