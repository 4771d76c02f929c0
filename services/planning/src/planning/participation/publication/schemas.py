"""The answers of the API about published plans."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from planning.participation.actions.rules import ActionState
from planning.participation.plans.rules import PlanState
from planning.participation.plans.schemas import DiagnosisOut
from planning.schemas import ResponseBody


class PublishedActionOut(ResponseBody):
    """An action of a published plan."""

    title: str
    perspective: str
    cost_minor: int | None
    state: ActionState
    reason: str | None = Field(description="The reason for which the action is not feasible.")


class PublishedPlanOut(ResponseBody):
    """The public version of a plan."""

    id: UUID
    title: str
    tiu: str = Field(description="The public name of the Territorial Intervention Unit.")
    area: str = Field(description="The P-code of the area in which the unit lies.")
    state: PlanState
    diagnosis: DiagnosisOut | None
    actions: list[PublishedActionOut]
    act_number: str | None
    updated: datetime
