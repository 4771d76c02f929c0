"""Tables that people hand in as CSV: read row by row, every complaint with its file and line.

UTF-8 (a byte order mark is fine), a header, comma, semicolon or tab. Memory does not grow with the file.
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

SEPARATORS = ",;\t"

#: Bounded, for an exponent of a million digits is an attack.
NUMBER = re.compile(r"[+-]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One record: its cells by column, stripped, and the line on which it begins (the header is line 1)."""

    file: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def broken(self, reason: str) -> InvalidInput:
        return _broken(self.file, self.line, reason)

    def text(self, column: str) -> str:
        """The cell, which may not be empty."""
        if not self[column]:
            raise self.broken(f"{column} is empty")
        return self[column]

    def number(self, column: str, *, least: int | None = 0, most: int | None = None) -> Fraction:
        """The cell as an exact number (`12`, `-0.5`, `1e3`), within bounds."""
        try:
            value = parse_number(self[column])
        except ValueError as error:
            raise self.broken(f"{column}: {error}") from error
        if least is not None and value < least:
            raise self.broken(f"{column}: {self[column]} is less than {least}")
        if most is not None and value > most:
            raise self.broken(f"{column}: {self[column]} is more than {most}")
        return value


def parse_number(text: str) -> Fraction:
    """A number as a person writes it (`12`, `-0.5`, `1e3`); ValueError for anything else."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number (12, 0.5)")
    return Fraction(text)


def read_rows(path: Path, columns: Sequence[str], *, any_of: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the records of a CSV file that has all of `columns` and at least one of `any_of`, where given.

    Blank lines are skipped. Raises InvalidInput with file and line: no such file, not UTF-8, a column missing
    or twice, a record with too few or too many cells, a quote that never closes.
    """
    try:
        with open(path, "rb") as binary:
            yield from _rows(path, _lines(path, binary), columns, any_of)
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error


def _rows(path: Path, lines: Iterator[str], columns: Sequence[str], any_of: Sequence[str]) -> Iterator[Row]:
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    records = csv.reader(chain([first], lines), delimiter=separator, skipinitialspace=True, strict=True)
    begins = 1
    try:
        header = _header(path, next(records, []), columns, any_of)
        begins = 1 + records.line_num
        for cells in records:
            if any(cells):
                if len(cells) != len(header):
                    raise _broken(path, begins, f"{len(cells)} cells where the header has {len(header)}")
                yield Row(path, begins, dict(zip(header, map(str.strip, cells), strict=True)))
            begins = 1 + records.line_num
    except csv.Error as error:
        raise _broken(path, begins, str(error)) from error


def _lines(path: Path, binary: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(binary, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _broken(path, number, "not UTF-8: save the file as «CSV UTF-8»") from error


def _header(path: Path, cells: list[str], columns: Sequence[str], any_of: Sequence[str]) -> list[str]:
    names = [name.strip() for name in cells]
    if missing := [column for column in columns if column not in names]:
        raise _broken(path, 1, f"no column {', '.join(missing)}")
    if any_of and not set(any_of) & set(names):
        raise _broken(path, 1, f"no column {' or '.join(any_of)}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _broken(path, 1, f"column {', '.join(twice)} stands twice")
    return names


def _broken(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(reason, file=path, place=f"line {line}")
