"""What the API gives of demand."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class DemandLine(BaseModel):
    """A published count. A dimension that was summed over is absent."""

    model_config = ConfigDict(from_attributes=True)

    period_start: date
    period_end: date
    area: str = Field(description="P-code of the unit's area, or the unit's own id")
    category: str
    population_group: str | None
    sex: str | None
    age_band: str | None
    people: int


class DemandOut(BaseModel):
    lines: list[DemandLine]
