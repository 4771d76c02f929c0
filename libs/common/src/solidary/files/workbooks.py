"""XLSX workbooks, read row by row into the `Row` of `solidary.files.tables`: the first sheet, which has a header.

A workbook may come from somebody who wants to fill the memory: its parts are counted and measured before any of them is
unpacked, and rows and columns have limits. A cell is read as it would be written in CSV; what a spreadsheet would
compute or has rounded is named in `Row.unreadable`, for the row's reader to refuse.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from solidary.files.command_line import InvalidInput
from solidary.files.tables import Row, checked_header
from solidary.language.text import fold, unreadable_in

MAX_UNPACKED = 32 * 1024 * 1024
"""The bytes of all parts together: about 25,000 rows of 25 cells."""
MAX_PARTS = 500
MAX_COLUMNS = 100
LARGEST_EXACT = 10**15
"""A spreadsheet keeps 15 digits of a number."""


def read_sheet(path: Path, columns: Sequence[str], *, most_rows: int) -> Iterator[Row]:
    """Yield the records of the first sheet, which has all of `columns` in its first row.

    Empty rows are skipped. Raises InvalidInput for a file that is no workbook, one that is too large when it is
    unpacked, a header that is not right, or more than `most_rows` rows.
    """
    _require_small(path)
    from openpyxl import load_workbook

    try:
        with open(path, "rb") as file:
            book = load_workbook(file, read_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            yield from _records(path, sheet, columns, most_rows)
    except InvalidInput:
        raise
    except Exception as error:
        # A workbook is a hundred formats in one: whatever openpyxl meets, the file is what is wrong.
        raise _error(
            path, None, "The workbook cannot be read. Save it as XLSX again, or as «CSV UTF-8»."
        ) from error


def _require_small(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _error(path, None, "The file is not an XLSX workbook, or it has a password.") from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        size = MAX_UNPACKED // 1024 // 1024
        raise _error(path, None, f"The workbook has more than {size} MB when it is unpacked. Split it.")


def _records(path: Path, sheet: Any, columns: Sequence[str], most_rows: int) -> Iterator[Row]:
    rows = sheet.iter_rows()
    first = [_written(cell)[0] for cell in _narrow(path, 1, next(rows, ()))]
    while first and not first[-1]:
        first.pop()
    header = checked_header(path, first, columns)
    for line, cells in enumerate(rows, 2):
        read = [_written(cell) for cell in _narrow(path, line, cells)]
        if not any(text or reason for text, reason in read):
            continue
        if line > most_rows + 1:
            raise _error(path, line, f"The sheet has more than {most_rows:,} rows. Split it.")
        if any(text or reason for text, reason in read[len(header) :]):
            raise _error(path, line, "The row has a cell behind the last column of the header.")
        read += [("", "")] * (len(header) - len(read))
        named = dict(zip(header, read, strict=False))
        yield Row(
            path,
            line,
            {name: fold(text) for name, (text, _) in named.items()},
            unreadable={name: reason for name, (_, reason) in named.items() if reason},
        )


def _narrow(path: Path, line: int, cells: Sequence[Any]) -> Sequence[Any]:
    """Return the cells of a row. Raises InvalidInput for a row with cells, even empty ones, far to the right."""
    if len(cells) > MAX_COLUMNS:
        raise _error(path, line, f"The row has a cell behind column {MAX_COLUMNS}. Delete what stands there.")
    return cells


def _written(cell: Any) -> tuple[str, str]:
    """Return a cell's text as CSV would have it, and what is wrong with it."""
    value = cell.value
    match value:
        case None:
            return "", ""
        case _ if cell.data_type == "f":
            return "", "This cell has a formula. Replace it by its value."
        case _ if cell.data_type == "e":
            return "", "This cell has an error of the spreadsheet. Correct it."
        case bool():
            return str(value).lower(), ""
        case int() | float():
            return _number(value)
        case datetime():
            midnight = value.time() == time()
            return (value.date().isoformat(), "") if midnight else (value.isoformat(), "")
        case date():
            return value.isoformat(), ""
        case str():
            return (value, "") if (reason := unreadable_in(value)) is None else ("", reason)
        case _:
            return "", "This cell is neither text, number nor date. Format it as text."


def _number(value: float) -> tuple[str, str]:
    if abs(value) >= LARGEST_EXACT:
        return "", "A spreadsheet keeps 15 digits of a number. Format the column as text and write it again."
    return (str(int(value)) if value == int(value) else repr(value)), ""


def _error(path: Path, line: int | None, reason: str) -> InvalidInput:
    return InvalidInput(reason, file=path, place=None if line is None else f"line {line}")
