"""The requests and answers of the API about actions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.perspectives import Perspective

from planning.participation.actions.rules import ActionState
from planning.schemas import MinorAmount, RequestBody, RowOut, Text, Title


class ActionIn(RequestBody):
    """A proposed action."""

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
    needs: Annotated[list[UUID], Field(min_length=1, max_length=50)] = Field(
        description="The needs of the plan that the action answers."
    )
    cost_minor: MinorAmount | None = None


class ActionCostIn(RequestBody):
    """The cost of an action."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cost_minor": 4800000}]})

    cost_minor: MinorAmount


class FeasibilityVerdictIn(RequestBody):
    """A verdict on the feasibility of an action."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"feasible": False, "reason": "El terreno es de propiedad privada."}]}
    )

    feasible: bool
    reason: Text | None = Field(
        default=None, description="Published. Required for an action that is not feasible."
    )


class ActionOut(RowOut):
    """An action of a plan."""

    plan_id: UUID = Field(validation_alias="root")
    title: str
    perspective: str
    needs: list[UUID]
    cost_minor: int | None
    state: ActionState
    reason: str | None = Field(description="The reason for which the action is not feasible.")
    derived_from: UUID | None = Field(
        description="The plan line of a market assessment that proposed the action."
    )


class ActionsOut(BaseModel):
    """The actions of a plan, in the order in which they were proposed."""

    actions: list[ActionOut]
