"""The requests and answers of the API about plan lines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from market.plan.lines.rules import PlanLineState
from market.study.findings.schemas import SectorCode


class PlanLineIn(StrictModel):
    """A line to propose for a territorial plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "title": "Convalidar certificados de oficios",
                    "sector": "G",
                    "currency": "USD",
                    "cost_minor": 1500000,
                }
            ]
        },
    )

    plan_id: UUID
    title: str = Field(min_length=3, max_length=200)
    sector: SectorCode
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"], description="An ISO 4217 code.")
    cost_minor: int = Field(gt=0, le=10**15, description="The cost in minor units of the currency.")


class PlanLineOut(BaseModel):
    """A plan line, with the decision of the planning service."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    assessment_id: UUID
    plan_id: UUID
    title: str
    sector: str
    currency: str
    cost_minor: int = Field(description="The cost in minor units of the currency.")
    state: PlanLineState
    reason: str | None = Field(description="The reason of a rejection.")
    action_id: UUID | None = Field(description="The action of the plan that the line became.")
