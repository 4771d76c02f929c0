"""Events of planning: territorial units, and the progress of actions and plans."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.language.events.event import Audience, Event


class TiuDefined(Event, name="planning.tiu.defined", key="tiu_id", audience=Audience.PLANS):
    """A Territorial Intervention Unit was defined, or its cells changed."""

    tiu_id: UUID
    label: str = Field(description="The public name of the neighbourhood.")
    area: str = Field(description="The P-code of the admin-3 area in which it lies.")
    cells: list[str] = Field(min_length=1, description="The ids of its grid cells.")


class DiagnosisPublished(Event, name="planning.diagnosis.published", key="plan_id", audience=Audience.PLANS):
    """The diagnosis of a plan was published."""

    plan_id: UUID
    tiu_id: UUID


class ActionAccepted(Event, name="planning.action.accepted", key="action_id", audience=Audience.PLANS):
    """A proposed action became part of the plan."""

    action_id: UUID
    plan_id: UUID
    derived_from: UUID | None = Field(default=None, description="The plan line that proposed the action.")


class ActionRejected(Event, name="planning.action.rejected", key="action_id", audience=Audience.PLANS):
    """A proposed action was not taken into the plan, for the stated reason."""

    action_id: UUID
    plan_id: UUID
    derived_from: UUID | None = None
    reason: str


class AllocationComputed(Event, name="planning.allocation.computed", key="plan_id", audience=Audience.PLANS):
    """The actions that the ballots fund within the budget were computed."""

    plan_id: UUID
    rule: str = Field(examples=["equalshares/add1"])
    selected: list[UUID]
    cost_minor: int = Field(ge=0, description="In minor units of the plan's currency.")
    budget_minor: int = Field(ge=0)


class BudgetLine(BaseModel):
    """The money that a validated plan sets aside for one action."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    budget_line_id: UUID
    action_id: UUID
    perspective: str
    currency: str = Field(min_length=3, max_length=3, description="An ISO 4217 code.")
    amount_minor: int = Field(gt=0)
    may_draw: list[UUID] = Field(
        default=[], description="The agencies whose programmes may draw on the line."
    )


class PlanValidated(Event, name="planning.plan.validated", key="plan_id", audience=Audience.PLANS):
    """The government validated the plan by an act, which creates its budget lines."""

    plan_id: UUID
    act_number: str
    budget_lines: list[BudgetLine]


class PlanReturned(Event, name="planning.plan.returned", key="plan_id", audience=Audience.PLANS):
    """The government returned the plan, for the stated reason."""

    plan_id: UUID
    reason: str
