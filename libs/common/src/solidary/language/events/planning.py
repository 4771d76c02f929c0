"""What planning tells: territory, and what became of actions and plans."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.language.events.event import Event


class TiuDefined(Event, name="planning.tiu.defined", key="tiu_id"):
    """A Territorial Intervention Unit and the cells it is made of."""

    tiu_id: UUID
    label: str = Field(description="The neighbourhood's public name")
    area: str = Field(description="P-code of the admin-3 area it lies in")
    cells: list[str] = Field(min_length=1, description="Ids of grid cells")


class DiagnosisPublished(Event, name="planning.diagnosis.published", key="plan_id"):
    """A plan's diagnosis is public."""

    plan_id: UUID
    tiu_id: UUID


class ActionAccepted(Event, name="planning.action.accepted", key="action_id"):
    """A proposed action is in the plan."""

    action_id: UUID
    plan_id: UUID
    derived_from: UUID | None = Field(default=None, description="The plan line that proposed it")


class ActionRejected(Event, name="planning.action.rejected", key="action_id"):
    """A proposed action is not in the plan, and why."""

    action_id: UUID
    plan_id: UUID
    derived_from: UUID | None = None
    reason: str


class AllocationComputed(Event, name="planning.allocation.computed", key="plan_id"):
    """Which actions the ballots chose within the budget."""

    plan_id: UUID
    rule: str = Field(examples=["equalshares/add1"])
    selected: list[UUID]
    cost_minor: int = Field(ge=0, description="Minor units of the plan's currency")
    budget_minor: int = Field(ge=0)


class BudgetLine(BaseModel):
    """Money that a validated plan sets aside for one action."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    budget_line_id: UUID
    action_id: UUID
    perspective: str
    currency: str = Field(min_length=3, max_length=3, description="ISO 4217")
    amount_minor: int = Field(gt=0)
    may_draw: list[UUID] = Field(default=[], description="Agencies whose programmes may draw on it")


class PlanValidated(Event, name="planning.plan.validated", key="plan_id"):
    """The government validated the plan by an act; its budget lines exist."""

    plan_id: UUID
    act_number: str
    budget_lines: list[BudgetLine]


class PlanReturned(Event, name="planning.plan.returned", key="plan_id"):
    """The government sent the plan back, and why."""

    plan_id: UUID
    reason: str
