"""The requirements of a plan's steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from solidary.language.codes.people import Community
from solidary.language.problems import count_of

from planning.participation.actions.rules import ActionState
from planning.participation.plans.rules import PlanState


@dataclass(frozen=True)
class PlanContent:
    """The content of a plan on which its steps depend; costs and the budget are in minor units."""

    is_diagnosed: bool = False
    communities_with_needs: Collection[Community] = ()
    actions: Collection[tuple[ActionState, int | None]] = ()
    """The state and the cost of each action."""
    budget: int = 0
    ballots: int = 0
    """The number of ballots in this round."""
    open_stations: Collection[str] = ()
    """The names of this round's polling stations that are not reconciled."""
    selected_actions: int = 0
    """The number of actions that the latest allocation selected."""


def missing_for(to: PlanState, content: PlanContent) -> str | None:
    """Return a sentence about what is missing before the step to a state; None if nothing is."""
    requirement = REQUIREMENTS.get(to)
    return None if requirement is None else requirement(content)


def _needs_agreed(content: PlanContent) -> str | None:
    if not content.is_diagnosed:
        return "The diagnosis is not published. Publish it before the needs are agreed."
    missing = [community for community in Community if community not in content.communities_with_needs]
    if missing:
        return (
            f"These communities have no need with evidence yet: {', '.join(missing)}. "
            "Record a need of each community."
        )
    return None


def _feasibility(content: PlanContent) -> str | None:
    return None if content.actions else "The plan has no actions. Propose at least one."


def _costs_published(content: PlanContent) -> str | None:
    states = [state for state, _ in content.actions]
    if (not_judged := states.count(ActionState.PROPOSED)) > 0:
        return f"{count_of(not_judged, 'action')} without a feasibility verdict. Judge every action."
    if any(cost is None for state, cost in content.actions if state is ActionState.FEASIBLE):
        return "A feasible action has no cost. Enter the cost of every feasible action."
    if ActionState.FEASIBLE not in states:
        return "No action is feasible. At least one must be."
    return None


def _balloting(content: PlanContent) -> str | None:
    costs = [cost for state, cost in content.actions if state is ActionState.FEASIBLE and cost is not None]
    fits = any(cost <= content.budget for cost in costs)
    return None if fits else "No feasible action fits the budget."


def _ballots_reviewed(content: PlanContent) -> str | None:
    if not content.ballots:
        return "No ballot was cast in this round."
    if content.open_stations:
        return (
            f"These polling stations are not reconciled: {', '.join(content.open_stations)}. "
            "Count the cards of each, and record the numbers."
        )
    return None


def _submitted(content: PlanContent) -> str | None:
    return None if content.selected_actions else "The allocation selected no action."


REQUIREMENTS: Mapping[PlanState, Callable[[PlanContent], str | None]] = {
    PlanState.NEEDS_AGREED: _needs_agreed,
    PlanState.FEASIBILITY: _feasibility,
    PlanState.COSTS_PUBLISHED: _costs_published,
    PlanState.BALLOTING: _balloting,
    PlanState.BALLOTS_REVIEWED: _ballots_reviewed,
    PlanState.SUBMITTED: _submitted,
}
"""A function for each state that returns what is missing before the step to it, as a sentence."""
