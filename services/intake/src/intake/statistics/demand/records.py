"""The JSON records of a demand report: its figures, and the tables with the withheld ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from solidary.files.counts import CellKey, CountTable
from solidary.language.events.intake import CountedCell
from solidary.language.records import Record

Figure = tuple[tuple[tuple[str, str], ...], int]
"""The values of the dimensions of a figure, as (dimension, value), and the number of people."""


class CellRecord(Record):
    """A published figure."""

    area: str
    category: str
    population_group: str | None = None
    sex: str | None = None
    age_band: str | None = None
    count: int


class CellsRecord(Record):
    """The published figures of a report."""

    version: Literal[1] = 1
    cells: tuple[CellRecord, ...]

    @classmethod
    def of(cls, cells: Iterable[CountedCell]) -> CellsRecord:
        """Return the record of the figures of an event."""
        return cls(cells=tuple(CellRecord.model_validate(cell.model_dump()) for cell in cells))


class TableRecord(Record):
    """A table of counts with its published and its withheld figures."""

    k: int
    published: tuple[Figure, ...]
    withheld: tuple[Figure, ...]

    @classmethod
    def of(cls, table: CountTable) -> TableRecord:
        """Return the record of a table."""
        return cls(k=table.k, published=_figures(table.published), withheld=_figures(table.withheld))

    def to_table(self) -> CountTable:
        """Return the table."""
        return CountTable(self.k, dict(self.published), dict(self.withheld))


class TablesRecord(Record):
    """The tables of a report by category of need."""

    version: Literal[1] = 1
    tables: dict[str, TableRecord]

    @classmethod
    def of(cls, tables: Mapping[str, CountTable]) -> TablesRecord:
        """Return the record of a report's tables."""
        return cls(tables={category: TableRecord.of(table) for category, table in tables.items()})

    def to_tables(self) -> dict[str, CountTable]:
        """Return the tables by category."""
        return {category: record.to_table() for category, record in self.tables.items()}


def _figures(figures: Mapping[CellKey, int]) -> tuple[Figure, ...]:
    return tuple((tuple((name, value) for name, value in where), people) for where, people in figures.items())
