"""The states of a plan, and who may change them."""

from __future__ import annotations

from enum import StrEnum

from solidary.language.transitions import Transition, TransitionTable


class PlanState(StrEnum):
    """The states of a plan."""

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


class PlanActor(StrEnum):
    """The parties that change the state of a plan."""

    PLANNER = "planner"
    """A planner of the owner or of an agency that works on the plan."""
    ALLOCATION = "allocation"
    """The allocation by the reviewed ballots."""
    GOVERNMENT = "owning government"
    """The authority of the agency that owns the plan."""


def _step(source: PlanState, target: PlanState) -> Transition[PlanState, PlanActor]:
    """Return a planner's step, which has the name of the state that it leads to."""
    return Transition(target.value, source, target, by=(PlanActor.PLANNER,))


PLAN_TRANSITIONS = TransitionTable(
    "plan",
    initial=(PlanState.DRAFT,),
    transitions=(
        _step(PlanState.DRAFT, PlanState.DIAGNOSIS),
        _step(PlanState.DIAGNOSIS, PlanState.NEEDS_AGREED),
        _step(PlanState.NEEDS_AGREED, PlanState.CO_CREATION),
        _step(PlanState.CO_CREATION, PlanState.FEASIBILITY),
        _step(PlanState.FEASIBILITY, PlanState.COSTS_PUBLISHED),
        _step(PlanState.COSTS_PUBLISHED, PlanState.BALLOTING),
        _step(PlanState.BALLOTING, PlanState.BALLOTS_REVIEWED),
        Transition("allocate", PlanState.BALLOTS_REVIEWED, PlanState.ALLOCATED, by=(PlanActor.ALLOCATION,)),
        _step(PlanState.ALLOCATED, PlanState.SUBMITTED),
        Transition("validate", PlanState.SUBMITTED, PlanState.VALIDATED, by=(PlanActor.GOVERNMENT,)),
        Transition("return", PlanState.SUBMITTED, PlanState.RETURNED, by=(PlanActor.GOVERNMENT,)),
        # Actions and costs are open again, and a new round of ballots is held.
        _step(PlanState.RETURNED, PlanState.CO_CREATION),
        _step(PlanState.VALIDATED, PlanState.IMPLEMENTING),
        _step(PlanState.IMPLEMENTING, PlanState.CLOSED),
        _step(PlanState.CLOSED, PlanState.EVALUATED),
    ),
)
