"""The requests and answers of the API about market assessments."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from solidary.language.strict import StrictModel

from market.study.assessments.rules import AssessmentState


class AssessmentIn(StrictModel):
    """A new market assessment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Comercio y servicios en La Chorrera",
                    "area": "PA1104",
                    "municipality": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806",
                    "fieldwork_starts_on": "2026-09-01",
                }
            ]
        },
    )

    title: str = Field(min_length=3, max_length=200, examples=["Comercio y servicios en La Chorrera"])
    area: str = Field(
        pattern=r"^[A-Z]{2}\d{2,8}$",
        description="The P-code of the administrative area.",
        examples=["PA110403"],
    )
    municipality: UUID = Field(
        description="The agency of the municipality that leads the assessment with you."
    )
    fieldwork_starts_on: date | None = None


class NextAssessmentState(StrictModel):
    """The next state of a market assessment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "fielding"}]})

    to: AssessmentState


class AssessmentOut(BaseModel):
    """A market assessment."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    agency: UUID = Field(description="The agency that designed the assessment.")
    title: str
    area: str = Field(description="The P-code of the administrative area.")
    municipality: UUID = Field(description="The agency of the municipality that leads the assessment too.")
    fieldwork_starts_on: date | None
    state: AssessmentState
