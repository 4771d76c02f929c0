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


class DutiesNotSeparate(NotAllowed):
    """One person would issue cards of a round and cast its ballots, or reconcile a station after either."""

    slug = "duties-not-separate"
    title = "Issuing cards, casting ballots and reconciling belong to different people"
    action = "Ask a colleague who did none of the other two in this round."


class StationClosed(NotAllowed):
    """The polling station is reconciled, or belongs to an earlier round."""

    slug = "station-closed"
    title = "This polling station is closed"
    action = "Use a station of the present round that is open, or open one."


class BallotBoxUnreadable(Problem):
    """The service's secret is not the one with which the ballots of the round were encrypted."""

    status, slug = 503, "ballot-box-unreadable"
    title = "The ballot box cannot be opened with the service's secret"
    action = "Ask the operator to put back the SOLIDARY_SECRET that was in use when the ballots were cast."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {
    "plan_transition": TransitionNotAllowed,
    "action_transition": TransitionNotAllowed,
    "station_transition": TransitionNotAllowed,
    "ballot_duties_separate": DutiesNotSeparate,
    "station_closed": StationClosed,
    "action_published_cost": CostsAlreadyPublished,
    "action_plan_line_once": PlanLineAlreadyReceived,
}
