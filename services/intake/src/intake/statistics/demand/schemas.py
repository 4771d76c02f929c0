"""The API schemas of demand reports."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.fields import RequestBody


class DemandReportIn(RequestBody):
    """The month to publish."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"period": "2026-10"}]})

    period: Annotated[str, StringConstraints(max_length=7)] = Field(examples=["2026-10"])


class DemandCell(BaseModel):
    """A published count of people. A dimension over which it is a total is null."""

    model_config = ConfigDict(from_attributes=True)

    area: str = Field(description="The P-code of an area, the id of a TIU, or the country's code.")
    category: str = Field(description="The code of the category of need.")
    population_group: str | None
    sex: str | None
    age_band: str | None
    count: int


class DemandReportOut(BaseModel):
    """A demand report with its published figures; `withheld` is the number of those that are not published."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int
    cells: list[DemandCell]
    withheld: int


class DemandReportListed(BaseModel):
    """A demand report in a list."""

    model_config = ConfigDict(from_attributes=True)

    report_id: UUID = Field(validation_alias="id")
    period_start: date
    period_end: date
    withheld: int
