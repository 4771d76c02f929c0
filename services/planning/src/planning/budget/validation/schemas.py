"""The requests and answers of the API about the government's act and budget lines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from planning.participation.plans.rules import PlanState
from planning.schemas import Reason, RequestBody, RowOut


class DrawingRightIn(RequestBody):
    """The agencies whose programmes may draw on the budget line of an action."""

    action_id: UUID
    agencies: Annotated[list[UUID], Field(min_length=1, max_length=50)]


class PlanValidationIn(RequestBody):
    """The act by which the government validates a plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "act_number": "Acuerdo Municipal 12 de 2026",
                    "may_draw": [
                        {
                            "action_id": "94c2e1ab-7f38-4056-b6d9-8e13a5f07c4d",
                            "agencies": ["1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"],
                        }
                    ],
                }
            ]
        }
    )

    act_number: str = Field(min_length=1, max_length=80, examples=["Acuerdo Municipal 12 de 2026"])
    may_draw: Annotated[list[DrawingRightIn], Field(max_length=200)] = Field(
        default=[], description="The agencies whose programmes may draw on an action's budget line."
    )


class PlanReturnIn(RequestBody):
    """The reason for which the government returns a plan."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Falta el aval de la junta comunal."}]}
    )

    reason: Reason


class BudgetLineOut(RowOut):
    """The money that a validated plan sets aside for one action."""

    action_id: UUID
    perspective: str
    currency: str
    amount_minor: int
    may_draw: list[UUID]


class GovernmentActOut(BaseModel):
    """The government's decision on a plan, and the budget lines that it created."""

    plan_id: UUID
    state: PlanState
    act_number: str | None
    reason: str | None
    budget_lines: list[BudgetLineOut]
