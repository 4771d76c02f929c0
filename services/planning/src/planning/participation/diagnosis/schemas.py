"""The requests and answers of the API about diagnoses and demand."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from planning.schemas import RequestBody, ResponseBody, Text
from planning.territory.cities.schemas import IndicatorCode


class DiagnosisIn(RequestBody):
    """A diagnosis to publish."""

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

    summary: Text
    indicators: Annotated[list[IndicatorCode], Field(max_length=50)] = Field(
        default=[], description="The codes of the cells' indicators to show; all of them when empty."
    )


class DemandLineOut(ResponseBody):
    """A published count. A dimension that was summed over is null."""

    period_start: date
    period_end: date
    area: str = Field(description="The P-code of the unit's area, or the id of the unit.")
    category: str
    population_group: str | None
    sex: str | None
    age_band: str | None
    people: int


class DemandOut(BaseModel):
    """The demand in a plan's unit and area, the latest period first."""

    lines: list[DemandLineOut]
