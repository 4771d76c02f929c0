"""Tables of amounts: rows that do not overlap, and the one that applies to a household."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from solidary.language.numbers import DecimalMark, parse_number

from cash.engines.entitlement.formula import Kind, Value, Values

_RANGE = re.compile(r"([\d.,]+)(?:-([\d.,]+)|(\+))?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,15}([.,]\d{1,6})?|\d{1,3}([.,]\d{3})+([.,]\d{1,6})?", re.ASCII)


class InvalidRow(ValueError):
    """A row that cannot be used. `row` counts from 0."""

    def __init__(self, reason: str, row: int, column: str | None = None):
        self.reason, self.row, self.column = reason, row, column
        super().__init__(reason)


class NoRow(ValueError):
    """A household to which no row of the table applies."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The values from `low` to `high`, both included; None is unlimited. For a text both ends are the text."""

    low: Any = None
    high: Any = None

    def contains(self, value: Value) -> bool:
        """Return True where the value is in the range."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def overlaps(self, other: Cell) -> bool:
        """Return True where a value is in both ranges."""
        return not (self._ends_before(other) or other._ends_before(self))

    def _ends_before(self, other: Cell) -> bool:
        return self.high is not None and other.low is not None and bool(self.high < other.low)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows over `columns`, each with its amount in major units; at most one row applies to any household."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], Fraction], ...]

    def find(self, household: Values) -> tuple[int, Fraction]:
        """Return the number, counted from 1, and the amount of the row that applies. Raises NoRow."""
        for number, (cells, amount) in enumerate(self.rows, start=1):
            if all(
                cell.contains(household[column]) for column, cell in zip(self.columns, cells, strict=True)
            ):
                return number, amount
        raise NoRow("No row of the table applies to the household.")


def read_table(rows: Sequence[Mapping[str, object]], kinds: Mapping[str, Kind]) -> Table:
    """Check the rows against the columns that they may use. Raises InvalidRow."""
    columns = tuple(sorted(set(rows[0]) - {"amount"}))
    for name in columns:
        if name not in kinds:
            known = ", ".join(sorted(kinds)) or "none"
            raise InvalidRow(f"The column is unknown. Known columns are: {known}.", 0, name)
    read = []
    for at, row in enumerate(rows):
        if set(row) != {*columns, "amount"}:
            raise InvalidRow(f"Every row needs exactly these columns: {', '.join(columns)}, amount.", at)
        cells = tuple(_read_cell(row[name], kinds[name], at, name) for name in columns)
        read.append((cells, _read_amount(row["amount"], at)))
    for (first, (cells, _)), (second, (other_cells, _)) in combinations(enumerate(read), 2):
        if all(cell.overlaps(other) for cell, other in zip(cells, other_cells, strict=True)):
            reason = f"This row and row {first} (counted from 0) may apply to the same household."
            raise InvalidRow(reason, second)
    return Table(columns, tuple(read))


def _read_cell(condition: object, kind: Kind, row: int, column: str) -> Cell:
    if condition == "*":
        return Cell()
    match kind:
        case Kind.TRUTH if isinstance(condition, bool):
            return Cell(condition, condition)
        case Kind.TEXT if isinstance(condition, str):
            return Cell(condition, condition)
        case Kind.NUMBER if not isinstance(condition, bool) and (found := _RANGE.fullmatch(str(condition))):
            low = _read_number(condition, found[1], row, column)
            high = None if found[3] else _read_number(condition, found[2] or found[1], row, column)
            if high is None or low <= high:
                return Cell(low, high)
    expected = {Kind.TRUTH: "true or false", Kind.TEXT: "a text", Kind.NUMBER: '4, "1-3" or "7+"'}
    raise InvalidRow(f'{condition!r} is not {expected[kind]}, nor "*" for any value.', row, column)


def _read_number(condition: object, written: str, row: int, column: str) -> Fraction:
    """Return a number of a condition; that of a JSON number has a point before its decimals."""
    try:
        return parse_number(written, None if isinstance(condition, str) else DecimalMark.POINT)
    except ValueError as error:
        raise InvalidRow(str(error), row, column) from error


def _read_amount(amount: object, row: int) -> Fraction:
    if not isinstance(amount, bool) and _AMOUNT.fullmatch(str(amount)):
        return _read_number(amount, str(amount), row, "amount")
    raise InvalidRow(f"{amount!r} is not an amount. Write it like 120.50.", row, "amount")
