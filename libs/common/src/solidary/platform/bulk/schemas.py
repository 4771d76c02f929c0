"""The responses about imports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solidary.platform.bulk.rules import RowState


class ImportOut(BaseModel):
    """An import of a file."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created: datetime
    kind: str = Field(examples=["import_registrations"])
    dry_run: bool
    rows: int = Field(description="All rows of the file")


class ImportReportOut(ImportOut):
    """An import with the number of its rows in each state; rows that wait for the worker are in none."""

    states: dict[RowState, int]


class RowFaultOut(BaseModel):
    """A reason against a row."""

    place: str = Field(description="The column, or the JSON pointer within the line", examples=["born"])
    detail: str


class RowOut(BaseModel):
    """The report of a row."""

    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="The line of the file, of which the first is 1")
    state: RowState
    faults: list[RowFaultOut]


class RowsOut(BaseModel):
    """A page of rows, by line."""

    items: list[RowOut]
    next: str | None = Field(
        default=None, description="Pass as `after` for the next page; absent on the last page"
    )
