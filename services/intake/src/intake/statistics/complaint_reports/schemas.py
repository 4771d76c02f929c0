"""The API schemas of counted reports of discrimination."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from intake.fields import RequestBody


class ComplaintReportIn(RequestBody):
    """The month to publish."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"period": "2026-10"}]})

    period: Annotated[str, StringConstraints(max_length=7)] = Field(examples=["2026-10"])


class ReportedCell(BaseModel):
    """A published number of reports."""

    area: str | None = Field(description="The P-code of the centre's area; null for all areas.")
    kind: str | None = Field(description="The kind of discrimination; null for all kinds.")
    count: int


class ComplaintReportListed(BaseModel):
    """A published month in a list."""

    model_config = ConfigDict(from_attributes=True)

    report_id: UUID = Field(validation_alias="id")
    period_start: date
    period_end: date
    withheld: int


class ComplaintReportOut(BaseModel):
    """A published month with its figures; `withheld` is the number of those that are not published."""

    report_id: UUID
    period_start: date
    period_end: date
    k: int
    cells: list[ReportedCell]
    withheld: int
