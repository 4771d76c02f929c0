"""What the API takes and gives of actions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from solidary.codes.perspectives import Perspective

from planning.plans.schemas import In, Minor, Out, Title, Words


class ActionIn(In):
    title: Title
    perspective: Perspective
    needs: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    cost_minor: Minor | None = None


class CostIn(In):
    cost_minor: Minor


class VerdictIn(In):
    feasible: bool
    reason: Words | None = Field(
        default=None, validate_default=True, description="Published; needed where it is not feasible"
    )

    @field_validator("reason")
    @classmethod
    def _said_why(cls, reason: str | None, said: ValidationInfo) -> str | None:
        if reason is None and said.data.get("feasible") is False:
            raise ValueError("an action that is not feasible needs a reason, which is published")
        return reason


class ActionOut(Out):
    plan_id: UUID = Field(validation_alias="root")
    title: str
    perspective: str
    needs: list[UUID]
    cost_minor: int | None
    verdict: str
    reason: str | None
    outcome: str
    derived_from: UUID | None


class ActionsOut(BaseModel):
    actions: list[ActionOut]
