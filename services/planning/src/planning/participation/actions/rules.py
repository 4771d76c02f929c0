"""The states of an action, and who may change them."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.transitions import Transition, TransitionTable


class ActionState(StrEnum):
    """The states of an action."""

    PROPOSED = "proposed"
    FEASIBLE = "feasible"
    NOT_FEASIBLE = "not_feasible"
    ACCEPTED = "accepted"
    """Part of the validated plan, with a budget line."""
    NOT_FUNDED = "not_funded"
    """Feasible, but not among the actions that the budget pays for."""


class ActionActor(StrEnum):
    """The parties that change the state of an action."""

    PLANNER = "planner"
    """A planner of the owner or of an agency that works on the plan."""
    GOVERNMENT = "owning government"
    """The authority of the agency that owns the plan."""


_PLANNER, _GOVERNMENT = (ActionActor.PLANNER,), (ActionActor.GOVERNMENT,)
_PROPOSED, _FEASIBLE, _NOT_FEASIBLE = ActionState.PROPOSED, ActionState.FEASIBLE, ActionState.NOT_FEASIBLE

ACTION_TRANSITIONS = TransitionTable(
    "action",
    # A line of a market assessment that comes too late, or in another currency, begins as not feasible.
    initial=(_PROPOSED, _NOT_FEASIBLE),
    transitions=(
        Transition("judge feasible", _PROPOSED, _FEASIBLE, by=_PLANNER),
        Transition("judge feasible", _NOT_FEASIBLE, _FEASIBLE, by=_PLANNER),
        Transition("judge feasible", _FEASIBLE, _FEASIBLE, by=_PLANNER),
        Transition("judge not feasible", _PROPOSED, _NOT_FEASIBLE, by=_PLANNER),
        Transition("judge not feasible", _FEASIBLE, _NOT_FEASIBLE, by=_PLANNER),
        Transition("judge not feasible", _NOT_FEASIBLE, _NOT_FEASIBLE, by=_PLANNER),
        Transition("accept", _FEASIBLE, ActionState.ACCEPTED, by=_GOVERNMENT),
        Transition("leave unfunded", _FEASIBLE, ActionState.NOT_FUNDED, by=_GOVERNMENT),
        # After the government returned the plan.
        Transition("reopen", _FEASIBLE, _PROPOSED, by=_PLANNER),
        Transition("reopen", _NOT_FEASIBLE, _PROPOSED, by=_PLANNER),
        Transition("reopen", _PROPOSED, _PROPOSED, by=_PLANNER),
    ),
)
