from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from solidary.language.events.intake import CountedCell

from intake.registry.people.schemas import Strict


class DemandReportIn(Strict):
    model_config = ConfigDict(json_schema_extra={"examples": [{"period": "2026-10"}]})

    period: Annotated[str, StringConstraints(max_length=7)] = Field(examples=["2026-10"])


class DemandReportOut(BaseModel):
    """Published figures only; `withheld` says how many are not."""

    model_config = ConfigDict(from_attributes=True)

    report_id: UUID = Field(validation_alias="id")
    period_start: date
    period_end: date
    k: int
    cells: list[CountedCell]
    withheld: int


class DemandReportListed(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    report_id: UUID = Field(validation_alias="id")
    period_start: date
    period_end: date
    withheld: int
