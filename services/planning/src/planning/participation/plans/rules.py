"""The way of a plan, and what must be there before each step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from solidary.language.codes.people import Community
from solidary.language.problems import NotAllowed


class State(StrEnum):
    DRAFT = "draft"
    DIAGNOSIS = "diagnosis"
    NEEDS_AGREED = "needs_agreed"
    CO_CREATION = "co_creation"
    FEASIBILITY = "feasibility"
    COSTS_PUBLISHED = "costs_published"
    BALLOTING = "balloting"
    BALLOTS_REVIEWED = "ballots_reviewed"
    ALLOCATED = "allocated"
    SUBMITTED = "submitted_to_government"
    VALIDATED = "validated"
    RETURNED = "returned"
    IMPLEMENTING = "implementing"
    CLOSED = "closed"
    EVALUATED = "evaluated"


ARROWS: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.DIAGNOSIS}),
    State.DIAGNOSIS: frozenset({State.NEEDS_AGREED}),
    State.NEEDS_AGREED: frozenset({State.CO_CREATION}),
    State.CO_CREATION: frozenset({State.FEASIBILITY}),
    State.FEASIBILITY: frozenset({State.COSTS_PUBLISHED}),
    State.COSTS_PUBLISHED: frozenset({State.BALLOTING}),
    State.BALLOTING: frozenset({State.BALLOTS_REVIEWED}),
    State.BALLOTS_REVIEWED: frozenset({State.ALLOCATED}),
    State.ALLOCATED: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.VALIDATED, State.RETURNED}),
    State.VALIDATED: frozenset({State.IMPLEMENTING}),
    State.RETURNED: frozenset({State.CO_CREATION}),
    State.IMPLEMENTING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset({State.EVALUATED}),
    State.EVALUATED: frozenset(),
}
"""A returned plan goes back to co-creation: actions and costs are open again, and a new round of ballots is held."""

DECIDED = frozenset({State.ALLOCATED, State.VALIDATED, State.RETURNED})
"""Reached by an allocation and by the government's act, never by a planner's step."""

NEEDS_OPEN = frozenset({State.DRAFT, State.DIAGNOSIS})
ACTIONS_OPEN = frozenset({State.CO_CREATION})
JUDGED_IN = frozenset({State.FEASIBILITY})
COSTS_OPEN = ACTIONS_OPEN | JUDGED_IN
PROPOSALS_OPEN = NEEDS_OPEN | COSTS_OPEN | {State.NEEDS_AGREED}
"""Lines that the market assessment proposes are taken up until costs are published."""


class Verdict(StrEnum):
    """Whether an action can be done."""

    OPEN = "open"
    FEASIBLE = "feasible"
    UNFEASIBLE = "unfeasible"


@dataclass(frozen=True)
class Standing:
    """What a plan has by now; costs in minor units."""

    diagnosed: bool = False
    heard: Collection[Community] = ()
    """Communities that raised a need with its evidence."""
    actions: Collection[tuple[Verdict, int | None]] = ()
    """Of each action its verdict and its cost."""
    budget: int = 0
    ballots: int = 0
    selected: int = 0
    """Actions that the latest allocation chose."""


def advance(state: State, to: State, standing: Standing) -> State:
    """A planner's step. Raises NotAllowed where it is no step, or where something is missing first."""
    if to in DECIDED:
        raise NotAllowed(f"a plan is {to} by a decision of its own, not by a step")
    follow(state, to)
    if to in GUARDS and (missing := GUARDS[to](standing)):
        raise NotAllowed(missing)
    return to


def follow(state: State, to: State) -> State:
    """Raises NotAllowed where the table has no such arrow."""
    if to not in ARROWS[state]:
        then = " or ".join(sorted(ARROWS[state])) or "nothing"
        raise NotAllowed(f"after {state} comes {then}, not {to}")
    return to


def require(state: State, states: Collection[State], what: str) -> None:
    """Raises NotAllowed unless the plan is in one of these states."""
    if state not in states:
        raise NotAllowed(f"{what} in {', '.join(s for s in State if s in states)}; this plan is {state}")


def decide(state: State, to: State, *, by_owner: bool) -> State:
    """The government's act on a submitted plan. Raises NotAllowed for an agency that only works on it."""
    if not by_owner:
        raise NotAllowed("the government that owns the plan validates or returns it, not who works on it")
    return follow(state, to)


def _needs_agreed(standing: Standing) -> str | None:
    if not standing.diagnosed:
        return "needs are agreed upon a published diagnosis"
    silent = [community for community in Community if community not in standing.heard]
    if silent:
        return f"evidence is missing from these communities: {', '.join(silent)}"
    return None


def _feasibility(standing: Standing) -> str | None:
    return None if standing.actions else "there are no actions to judge"


def _costs_published(standing: Standing) -> str | None:
    verdicts = [verdict for verdict, _ in standing.actions]
    if (unjudged := verdicts.count(Verdict.OPEN)) > 0:
        return f"{unjudged} actions are not judged yet"
    if any(cost is None for verdict, cost in standing.actions if verdict is Verdict.FEASIBLE):
        return "every feasible action needs its cost"
    if Verdict.FEASIBLE not in verdicts:
        return "no action is feasible"
    return None


def _balloting(standing: Standing) -> str | None:
    costs = [cost for verdict, cost in standing.actions if verdict is Verdict.FEASIBLE and cost is not None]
    return None if min(costs, default=standing.budget + 1) <= standing.budget else "no action fits the budget"


def _ballots_reviewed(standing: Standing) -> str | None:
    return None if standing.ballots else "no ballot was cast"


def _submitted(standing: Standing) -> str | None:
    return None if standing.selected else "no action was chosen"


GUARDS: Mapping[State, Callable[[Standing], str | None]] = {
    State.NEEDS_AGREED: _needs_agreed,
    State.FEASIBILITY: _feasibility,
    State.COSTS_PUBLISHED: _costs_published,
    State.BALLOTING: _balloting,
    State.BALLOTS_REVIEWED: _ballots_reviewed,
    State.SUBMITTED: _submitted,
}
"""What is missing before a step, in words; None when nothing is."""
