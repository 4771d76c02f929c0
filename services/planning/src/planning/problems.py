"""The problems of planning, and those that constraints of its database mean."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.problems import Conflict, NotAllowed, Problem, TransitionNotAllowed


class PlanInAnotherState(NotAllowed):
    """The plan's state does not permit this request, such as a need after the needs were agreed."""

    slug = "plan-in-another-state"
    title = "The state of this plan does not permit this"
    action = "Read the plan's state, and repeat the request in one of the states that the detail names."


class StepRequirementMissing(NotAllowed):
    """The plan lacks something that must exist before the step, such as needs of all three communities."""

    slug = "step-requirement-missing"
    title = "Something is missing for this step of the plan"
    action = "Add what the detail names, then take the step again."


class CostsAlreadyPublished(Conflict):
    """The cost of an action would change after the costs of its plan were published."""

    slug = "costs-already-published"
    title = "The costs of this plan are published and cannot change"
    action = "Costs can be changed again only if the government returns the plan."


class PlanLineAlreadyReceived(Conflict):
    """A plan line of a market assessment is an action of this plan already."""

    slug = "plan-line-already-received"
    title = "This plan line is an action of the plan already"
    action = "Read the plan's actions; `derived_from` names the plan line."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {
    "plan_transition": TransitionNotAllowed,
    "action_transition": TransitionNotAllowed,
    "action_published_cost": CostsAlreadyPublished,
    "action_plan_line_once": PlanLineAlreadyReceived,
}
