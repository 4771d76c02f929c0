"""What the API takes and gives of actions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from solidary.language.codes.perspectives import Perspective

from planning.participation.plans.schemas import In, Minor, Out, Title, Words


class ActionIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Tanque comunitario de agua",
                    "perspective": "housing_habitat",
                    "needs": ["94c2e1ab-7f38-4056-b6d9-8e13a5f07c4d"],
                    "cost_minor": 4800000,
                }
            ]
        }
    )

    title: Title
    perspective: Perspective
    needs: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    cost_minor: Minor | None = None


class CostIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"cost_minor": 4800000}]})

    cost_minor: Minor


class VerdictIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"feasible": False, "reason": "El terreno es de propiedad privada."}]}
    )

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
