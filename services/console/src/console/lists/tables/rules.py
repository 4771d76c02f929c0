"""The order of rows, and the text of a file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The first characters by which a spreadsheet takes a cell for a formula."""
BYTE_ORDER_MARK = "\ufeff"
"""A spreadsheet takes a file without it for one of another encoding."""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, the value by which rows are put in order, the page that it leads to, the class of its tag."""

    text: str
    order: Any = None
    href: str = ""
    tag: str = ""


Row = Sequence[Cell]


def sorted_rows(rows: Iterable[Row], column: int) -> list[Row]:
    """Return rows in the order of a column, from its first value; those without one come last."""

    def key(row: Row) -> tuple[bool, Any]:
        cell = row[column]
        value = cell.text.casefold() if cell.order is None else cell.order
        return (value == "", value if value != "" else 0)

    filled = [row for row in rows if not key(row)[0]]
    empty = [row for row in rows if key(row)[0]]
    return sorted(filled, key=lambda row: key(row)[1]) + empty


def file_text(headings: Sequence[str], rows: Iterable[Row], *, last: str = "") -> str:
    """Return a table as comma-separated text. `last` is a line of its own below it."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(map(_inert, headings))
    writer.writerows([_inert(cell.text) for cell in row] for row in rows)
    if last:
        writer.writerow([_inert(last)])
    return BYTE_ORDER_MARK + written.getvalue()


def _inert(text: str) -> str:
    """Return a text that no spreadsheet runs: a formula is preceded by an apostrophe."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text
