"""The requests and answers of the API about findings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from market.study.findings.rules import BarrierKind, BarrierScope

SectorCode = Annotated[
    str,
    Field(
        pattern=r"^[A-U]$|^\d{2}$",
        description="A section (A to U) or division of ISIC Rev. 4 (CIIU Rev. 4).",
        examples=["G"],
    ),
]
Factor = Annotated[float, Field(ge=0, le=1)]
People = Annotated[int, Field(ge=0, le=10**9)]


class SectorIn(StrictModel):
    """The figures of a sector to record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "G",
                    "employment_before": 4100,
                    "employment_after": 4650,
                    "self_employed_after": 1200,
                    "vacancies": 85,
                }
            ]
        },
    )

    code: SectorCode
    employment_before: People
    employment_after: People
    self_employed_after: People
    vacancies: People


class BarrierIn(StrictModel):
    """A barrier to record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sector": "G",
                    "kind": "recognition",
                    "scope": "structural",
                    "severity": 0.8,
                    "share_affected": 0.4,
                    "removability": 0.6,
                }
            ]
        },
    )

    sector: SectorCode
    kind: BarrierKind
    scope: BarrierScope
    severity: Factor
    share_affected: Factor
    removability: Factor


class Finding(BaseModel):
    """A finding, read from its entity."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime


class SectorOut(Finding):
    """The recorded figures of a sector."""

    code: str
    employment_before: int
    employment_after: int
    self_employed_after: int
    vacancies: int
    growth: float | None = Field(
        description="The relative change of employment; null if there was none before."
    )


class BarrierOut(Finding):
    """A recorded barrier."""

    sector: str
    kind: str
    scope: str
    priority: float = Field(description="Severity × share affected × removability.")


class FindingsOut(BaseModel):
    """The findings of an assessment: its sectors, and its barriers with the highest priority first."""

    model_config = ConfigDict(from_attributes=True)

    sectors: list[SectorOut]
    barriers: list[BarrierOut]
