"""Columns of a file of people whose cells are coded: sexes, and dates as spreadsheets write them.

A column is read as a whole, because a cell alone may have two meanings: M is *masculino* or *mujer*, and 03/05/1984 the
third of May or the fifth of March.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from solidary.language.coded import parse_sexes
from solidary.language.codes.people import Sex

from intake.engines.matching.birth_dates import read_written_date

_TIME = re.compile(
    r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.? ?m\.?)?(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_SERIAL = re.compile(r"([1-6]\d{4})(\.\d+)?")
"""A day as a spreadsheet counts it, from 1927 to 2091."""
_DAY_ZERO = date(1899, 12, 30)
_YEAR_LAST = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})")
_CODES = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "X", Sex.UNKNOWN: ""}


class UnreadableColumn(ValueError):
    """A column that cannot be read as a whole. `index` is that of the row with the example."""

    def __init__(self, reason: str, index: int) -> None:
        self.index = index
        super().__init__(reason)


def read_sexes(cells: Sequence[str]) -> list[str]:
    """Return F, M, X or nothing for each cell. Raises UnreadableColumn."""
    try:
        codes = parse_sexes(set(cells))
    except ValueError as error:
        example = next((index for index, cell in enumerate(cells) if repr(cell) in str(error)), 0)
        raise UnreadableColumn(str(error), example) from error
    return [_CODES[codes[cell]] for cell in cells]


def read_births(cells: Sequence[str]) -> tuple[list[str], int]:
    """Return each date as year, month and day where it can be read, and the number of cells that cannot.

    Times are left out, and serial dates of spreadsheets become dates. A column that writes the month first, as a number
    above 12 in the second place shows, is read so. Raises UnreadableColumn where both orders occur, and where no cell
    that is filled in can be read.
    """
    dates = [_without_serial(_TIME.sub("", cell)) for cell in cells]
    day_first = month_first = None
    for index, text in enumerate(dates):
        if found := _YEAR_LAST.fullmatch(text):
            if int(found[1]) > 12:
                day_first = index if day_first is None else day_first
            elif int(found[2]) > 12:
                month_first = index if month_first is None else month_first
    if day_first is not None and month_first is not None:
        raise UnreadableColumn(
            f"Some dates have the day first ({cells[day_first]}) and others the month ({cells[month_first]}). "
            "Write each as in 1984-03-17.",
            month_first,
        )
    if month_first is not None:
        dates = [_YEAR_LAST.sub(r"\3-\1-\2", text) for text in dates]
    unreadable = [index for index, text in enumerate(dates) if text and read_written_date(text) is None]
    if unreadable and len(unreadable) == sum(map(bool, dates)):
        raise UnreadableColumn(
            f"No cell of the column is a date that can be read, as {cells[unreadable[0]]!r}. "
            "Write each as in 1984-03-17.",
            unreadable[0],
        )
    return dates, len(unreadable)


def _without_serial(text: str) -> str:
    found = _SERIAL.fullmatch(text)
    return (_DAY_ZERO + timedelta(days=int(found[1]))).isoformat() if found else text
