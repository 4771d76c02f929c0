"""What the API takes and gives of assessments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from market.assessments.rules import LineState, State

Ciiu = Annotated[
    str,
    Field(pattern=r"^[A-U]$|^\d{2}$", description="CIIU Rev. 4 section (A–U) or division", examples=["G"]),
]
Share = Annotated[float, Field(ge=0, le=1)]
BarrierKind = Literal[
    "document",
    "recognition",
    "regulated_profession",
    "discrimination",
    "information",
    "finance",
    "distance",
    "care_duties",
    "language",
    "digital",
    "working_conditions",
]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssessmentIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Comercio y servicios en La Chorrera",
                    "area": "PA1307",
                    "co_lead": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806",
                    "fielded_from": "2026-09-01",
                }
            ]
        }
    )

    title: str = Field(min_length=3, max_length=200, examples=["Comercio y servicios en La Chorrera"])
    area: str = Field(pattern=r"^[A-Z]{2}\d{2,8}$", description="P-code", examples=["PA1303"])
    co_lead: UUID = Field(description="The municipality's agency")
    fielded_from: date | None = None


class StepIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "agreed_with_municipality"}]})

    to: State


class SectorIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ciiu": "G",
                    "employment_before": 4100,
                    "employment_after": 4650,
                    "self_employed_after": 1200,
                    "vacancies": 85,
                }
            ]
        }
    )

    ciiu: Ciiu
    employment_before: int = Field(ge=0, le=10**9)
    employment_after: int = Field(ge=0, le=10**9)
    self_employed_after: int = Field(ge=0, le=10**9)
    vacancies: int = Field(ge=0, le=10**9)


class BarrierIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ciiu": "G",
                    "kind": "recognition",
                    "scope": "structural",
                    "severity": 0.8,
                    "share_affected": 0.4,
                    "removability": 0.6,
                }
            ]
        }
    )

    ciiu: Ciiu
    kind: BarrierKind
    scope: Literal["individual", "community", "structural"]
    severity: Share
    share_affected: Share
    removability: Share


class PlanLineIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783",
                    "title": "Convalidar certificados de oficios",
                    "ciiu": "G",
                    "currency": "USD",
                    "cost_minor": 1500000,
                }
            ]
        }
    )

    plan_id: UUID
    title: str = Field(min_length=3, max_length=200)
    ciiu: Ciiu
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])
    cost_minor: int = Field(gt=0, le=10**15, description="Minor units of the currency")


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class AssessmentOut(Out):
    agency: UUID
    title: str
    area: str
    co_lead: UUID
    fielded_from: date | None
    state: State


class SectorOut(Out):
    ciiu: str
    employment_before: int
    employment_after: int
    self_employed_after: int
    vacancies: int
    growth: float | None = Field(description="Relative change of employment; absent where there was none")


class BarrierOut(Out):
    ciiu: str
    kind: str
    scope: str
    priority: float = Field(description="Severity × share affected × removability")


class PlanLineOut(Out):
    assessment_id: UUID
    plan_id: UUID
    title: str
    ciiu: str
    currency: str
    cost_minor: int
    state: LineState
    reason: str | None
    action_id: UUID | None


class FindingsOut(BaseModel):
    """What an assessment found; barriers by priority, the most urgent first."""

    sectors: list[SectorOut]
    barriers: list[BarrierOut]
