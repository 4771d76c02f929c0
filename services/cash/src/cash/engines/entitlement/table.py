"""Tables of amounts: rows that cannot contradict each other, and the one that fits a household."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from cash.engines.entitlement.formula import Kind, Value, Values

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?)|(\+))?")


class BadRow(ValueError):
    """A row that cannot be used. `row` counts from 0."""

    def __init__(self, reason: str, row: int, column: str | None = None):
        self.reason, self.row, self.column = reason, row, column
        super().__init__(reason)


class NoRow(ValueError):
    """No row of the table fits this household."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The values from `low` to `high`, both included; None is without end. A text is from and to itself."""

    low: Any = None
    high: Any = None

    def holds(self, value: Value) -> bool:
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def meets(self, other: Cell) -> bool:
        return not (self._before(other) or other._before(self))

    def _before(self, other: Cell) -> bool:
        return self.high is not None and other.low is not None and bool(self.high < other.low)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows over `columns`, each with its amount in major units; at most one fits any household."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], Fraction], ...]

    def find(self, household: Values) -> tuple[int, Fraction]:
        """The fitting row, counted from 1, and its amount; raises NoRow."""
        for at, (cells, amount) in enumerate(self.rows, start=1):
            if all(cell.holds(household[column]) for column, cell in zip(self.columns, cells, strict=True)):
                return at, amount
        raise NoRow("no row of the table fits")


def read(written: Sequence[Mapping[str, object]], kinds: Mapping[str, Kind]) -> Table:
    """Checks the rows against the columns they may use; raises BadRow."""
    columns = tuple(sorted(set(written[0]) - {"amount"}))
    for name in columns:
        if name not in kinds:
            raise BadRow(f"unknown column; known are: {', '.join(sorted(kinds)) or 'none'}", 0, name)
    rows = []
    for at, row in enumerate(written):
        if set(row) != {*columns, "amount"}:
            raise BadRow(f"every row needs exactly: {', '.join(columns)}, amount", at)
        cells = tuple(_cell(row[name], kinds[name], at, name) for name in columns)
        rows.append((cells, _amount(row["amount"], at)))
    for (one, (here, _)), (two, (there, _)) in combinations(enumerate(rows), 2):
        if all(cell.meets(other) for cell, other in zip(here, there, strict=True)):
            raise BadRow(f"a household may fit this row and row {one} (counted from 0)", two)
    return Table(columns, tuple(rows))


def _cell(written: object, kind: Kind, row: int, column: str) -> Cell:
    if written == "*":
        return Cell()
    match kind:
        case Kind.TRUTH if isinstance(written, bool):
            return Cell(written, written)
        case Kind.TEXT if isinstance(written, str):
            return Cell(written, written)
        case Kind.NUMBER if not isinstance(written, bool) and (found := _SPAN.fullmatch(str(written))):
            low = Fraction(found[1])
            high = None if found[3] else Fraction(found[2] or found[1])
            if high is None or low <= high:
                return Cell(low, high)
    meant = {Kind.TRUTH: "true or false", Kind.TEXT: "a text", Kind.NUMBER: '4, "1-3" or "7+"'}
    raise BadRow(f'{written!r} is not {meant[kind]}, nor "*" for any', row, column)


def _amount(written: object, row: int) -> Fraction:
    if not isinstance(written, bool) and re.fullmatch(r"\d{1,15}(\.\d{1,6})?", str(written)):
        return Fraction(str(written))
    raise BadRow(f"{written!r} is not an amount such as 120.50", row, "amount")
