"""What the API takes and gives of plans, diagnoses and needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.codes.people import Community
from solidary.language.codes.perspectives import Perspective

from planning.participation.plans.rules import State

Title = Annotated[str, Field(min_length=3, max_length=200)]
Words = Annotated[str, Field(min_length=3, max_length=4000)]
Minor = Annotated[int, Field(gt=0, le=10**15, description="Minor units of the plan's currency")]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlanIn(In):
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
    budget_minor: Minor


class PartnerIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agency": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"}]}
    )

    agency: UUID = Field(description="Who shall work on the plan")


class DiagnosisIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "summary": "Poca agua y pocos cupos escolares en la parte alta.",
                    "indicators": ["water_access"],
                }
            ]
        }
    )

    summary: Words
    indicators: Annotated[list[str], Field(max_length=50)] = Field(
        default=[], description="Codes of the cells' indicators to show; all of them when empty"
    )


class EvidenceIn(In):
    kind: Literal["workshop", "survey", "focus_group", "administrative", "map"]
    on: date
    note: Words
    participants: int | None = Field(default=None, ge=1, le=10**6)


class NeedIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "perspective": "housing_habitat",
                    "community": "host",
                    "statement": "El agua llega dos horas al día en la parte alta.",
                    "severity": 4,
                    "evidence": {
                        "kind": "workshop",
                        "on": "2026-09-12",
                        "note": "Taller en la junta comunal",
                        "participants": 34,
                    },
                }
            ]
        }
    )

    perspective: Perspective
    community: Community = Field(description="Which community raised it, as its people say themselves")
    statement: Words
    severity: int = Field(ge=1, le=5)
    evidence: EvidenceIn


class StepIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "diagnosis"}]})

    to: State


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class FigureOut(BaseModel):
    """The plain mean of an indicator over the unit's cells."""

    indicator: str
    mean: float


class SourceOut(BaseModel):
    title: str
    publisher: str
    licence: str
    period: str
    synthetic: bool


class DiagnosisOut(BaseModel):
    summary: str
    cells: int
    figures: list[FigureOut]
    sources: list[SourceOut]


class PlanOut(Out):
    agency: UUID
    title: str
    tiu_id: UUID
    currency: str
    budget_minor: int
    state: State
    round: int
    diagnosis: DiagnosisOut | None
    act_number: str | None
    reason: str | None


class NeedOut(Out):
    perspective: str
    community: str
    statement: str
    severity: int
    evidence: EvidenceIn


class NeedsOut(BaseModel):
    """A plan's needs: the most severe first."""

    needs: list[NeedOut]


class PublishedActionOut(BaseModel):
    title: str
    perspective: str
    cost_minor: int | None
    verdict: str
    reason: str | None
    outcome: str


class PublishedPlanOut(BaseModel):
    """What everybody may know of a plan."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    unit: str
    area: str
    state: State
    diagnosis: DiagnosisOut | None
    actions: list[PublishedActionOut]
    act_number: str | None
    updated: datetime
