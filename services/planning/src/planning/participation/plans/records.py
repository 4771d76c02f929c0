"""The diagnosis of a plan as it is stored."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class FigureRecord(Record):
    """The mean of an indicator over the cells of the unit that have it."""

    indicator: str
    mean: float


class SourceRecord(Record):
    """The source of the figures, as it was when the diagnosis was published."""

    title: str
    publisher: str
    licence: str
    period: str
    synthetic: bool


class DiagnosisRecord(Record):
    """A published diagnosis."""

    version: Literal[1] = 1
    summary: str
    cells: int
    figures: tuple[FigureRecord, ...]
    sources: tuple[SourceRecord, ...]
