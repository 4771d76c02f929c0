"""CSV files, read row by row, with the file and line in every error message.

The files are in UTF-8 (with or without a byte order mark), have a header, and separate cells by comma, semicolon or
tab. Memory does not grow with the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO

from solidary.files.command_line import InvalidInput
from solidary.language.problems import count_of

SEPARATORS = ",;\t"

NUMBER = re.compile(r"[+-]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
"""A number. Its length is bounded, because an exponent of a million digits is an attack."""


@dataclass(frozen=True)
class Row:
    """One record: its cells by column, without surrounding spaces, and its first line (the header is line 1)."""

    file: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def error(self, reason: str) -> InvalidInput:
        """Return an error about this row, with its file and line."""
        return _error(self.file, self.line, reason)

    def text(self, column: str) -> str:
        """Return a cell that may not be empty. Raises InvalidInput."""
        if not self[column]:
            raise self.error(f"The column {column} is empty.")
        return self[column]

    def number(self, column: str, *, least: int | None = 0, most: int | None = None) -> Fraction:
        """Return a cell as an exact number (`12`, `-0.5`, `1e3`) within bounds. Raises InvalidInput."""
        try:
            value = parse_number(self[column])
        except ValueError as error:
            raise self.error(f"{column}: {error}") from error
        if least is not None and value < least:
            raise self.error(f"{column}: {self[column]} is less than {least}.")
        if most is not None and value > most:
            raise self.error(f"{column}: {self[column]} is more than {most}.")
        return value


def parse_number(text: str) -> Fraction:
    """Read a number as people write it (`12`, `-0.5`, `1e3`). Raises ValueError for any other text."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number. Write it as in 12 or 0.5.")
    return Fraction(text)


def read_rows(path: Path, columns: Sequence[str], *, any_of: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the records of a CSV file that has all of `columns` and, if given, at least one of `any_of`.

    Blank lines are skipped. Raises InvalidInput with file and line for a file that is missing or not in UTF-8, a column
    that is missing or occurs twice, a record with too few or too many cells, or a quotation mark that is never closed.
    """
    try:
        with open(path, "rb") as binary:
            yield from _rows(path, _lines(path, binary), columns, any_of)
    except OSError as error:
        raise InvalidInput(f"The file cannot be read: {error.strerror or error}.", file=path) from error


def _rows(path: Path, lines: Iterator[str], columns: Sequence[str], any_of: Sequence[str]) -> Iterator[Row]:
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    records = csv.reader(chain([first], lines), delimiter=separator, skipinitialspace=True, strict=True)
    first_line = 1
    try:
        header = _header(path, next(records, []), columns, any_of)
        first_line = 1 + records.line_num
        for cells in records:
            if any(cells):
                if len(cells) != len(header):
                    raise _error(
                        path,
                        first_line,
                        f"The row has {count_of(len(cells), 'cell')}, but the header has {len(header)}.",
                    )
                yield Row(path, first_line, dict(zip(header, map(str.strip, cells), strict=True)))
            first_line = 1 + records.line_num
    except csv.Error as error:
        raise _error(path, first_line, f"The row cannot be read ({error}).") from error


def _lines(path: Path, binary: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(binary, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _error(path, number, "The file is not in UTF-8. Save it as «CSV UTF-8».") from error


def _header(path: Path, cells: list[str], columns: Sequence[str], any_of: Sequence[str]) -> list[str]:
    names = [name.strip() for name in cells]
    if missing := [column for column in columns if column not in names]:
        raise _error(path, 1, f"The header has no column {' and no column '.join(missing)}.")
    if any_of and not set(any_of) & set(names):
        raise _error(path, 1, f"One of the columns {', '.join(any_of)} is required.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _error(path, 1, f"The header has the column {' and the column '.join(twice)} twice.")
    return names


def _error(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(reason, file=path, place=f"line {line}")
