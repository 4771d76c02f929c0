"""The requests and answers of the API about plans."""

from __future__ import annotations

from uuid import UUID

from pydantic import ConfigDict, Field

from planning.participation.plans.rules import PlanState
from planning.schemas import MinorAmount, RequestBody, ResponseBody, RowOut, Title


class PlanIn(RequestBody):
    """A new plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Plan de barrio, Balboa norte",
                    "tiu_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "currency": "USD",
                    "budget_minor": 25000000,
                }
            ]
        }
    )

    title: Title
    tiu_id: UUID
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])
    budget_minor: MinorAmount


class PartnerIn(RequestBody):
    """Another agency that is to work on the plan."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agency": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"}]}
    )

    agency: UUID


class DiagnosisFigureOut(ResponseBody):
    """The mean of an indicator over the cells of the unit that have it."""

    indicator: str
    mean: float


class DiagnosisSourceOut(ResponseBody):
    """The source of the figures of a diagnosis."""

    title: str
    publisher: str
    licence: str
    period: str
    synthetic: bool


class DiagnosisOut(ResponseBody):
    """A published diagnosis: averages of the unit's cells with their sources, and a summary."""

    summary: str
    cells: int
    figures: list[DiagnosisFigureOut]
    sources: list[DiagnosisSourceOut]


class PlanOut(RowOut):
    """A plan as the agencies that work on it see it."""

    agency: UUID
    title: str
    tiu_id: UUID
    currency: str
    budget_minor: int
    state: PlanState
    round: int
    diagnosis: DiagnosisOut | None
    act_number: str | None
    reason: str | None = Field(description="The reason for which the government returned the plan.")
