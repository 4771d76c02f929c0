"""The JSON record of a published month, with the figures that are withheld."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record

from intake.statistics.demand.records import TableRecord


class ReportRecord(Record):
    """The table of a month."""

    version: Literal[1] = 1
    table: TableRecord
