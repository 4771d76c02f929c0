"""CSV files, read row by row, with the file and line in every error message.

The files are in UTF-8 (with or without a byte order mark), have a header, and separate cells by comma, semicolon or
tab. Cells are folded (`solidary.language.text.fold`), so that two ids that look the same are the same. Memory does not
grow with the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import IO, Annotated, TypeAlias

import typer

from solidary.files.command_line import InvalidInput
from solidary.language.coded import parse_truth
from solidary.language.numbers import AmbiguousNumber, DecimalMark, parse_number
from solidary.language.problems import count_of
from solidary.language.text import fold, unreadable_in

SEPARATORS = ",;\t"

DecimalOption: TypeAlias = Annotated[
    DecimalMark | None,
    typer.Option(
        "--decimal", help="The mark before decimals in the file, . or , (default: what each number shows)."
    ),
]
"""The option of commands that read numbers."""


@dataclass(frozen=True)
class Row:
    """One record: its cells by column, folded, and its first line (the header is line 1).

    `decimal` is the mark before the decimals of its numbers, where the caller states it. `unreadable` is what is wrong
    with cells of a workbook, by column.
    """

    file: Path
    line: int
    cells: dict[str, str]
    decimal: DecimalMark | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def error(self, reason: str) -> InvalidInput:
        """Return an error about this row, with its file and line."""
        return _error(self.file, self.line, reason)

    def repeated(self, column: str) -> InvalidInput:
        """Return the error about a value that another row of the file has too, with the lines of both."""
        rows = read_rows(self.file, [column])
        first = next((row.line for row in rows if row[column] == self[column]), self.line)
        return self.error(f"The {column} {self[column]!r} occurs twice; it is already on line {first}.")

    def text(self, column: str) -> str:
        """Return a cell that may not be empty. Raises InvalidInput."""
        if not self[column]:
            raise self.error(f"The column {column} is empty.")
        return self[column]

    def truth(self, column: str) -> bool:
        """Return a cell that is yes or no. Raises InvalidInput."""
        try:
            return parse_truth(self[column])
        except ValueError as error:
            raise self.error(f"{column}: {error}") from error

    def number(self, column: str, *, least: int | None = 0, most: int | None = None) -> Fraction:
        """Return a cell as an exact number (`files.numbers`) within bounds. Raises InvalidInput."""
        try:
            value = parse_number(self[column], self.decimal)
        except AmbiguousNumber as error:
            raise self.error(
                f"{column}: {error} Or state the mark before decimals with --decimal."
            ) from error
        except ValueError as error:
            raise self.error(f"{column}: {error}") from error
        if least is not None and value < least:
            raise self.error(f"{column}: {self[column]} is less than {least}.")
        if most is not None and value > most:
            raise self.error(f"{column}: {self[column]} is more than {most}.")
        return value


def read_rows(
    path: Path, columns: Sequence[str], *, any_of: Sequence[str] = (), decimal: DecimalMark | None = None
) -> Iterator[Row]:
    """Yield the records of a CSV file that has all of `columns` and, if given, at least one of `any_of`.

    `decimal` is the mark before the decimals of its numbers; without it, only numbers of one reading are read. Blank
    lines are skipped. Raises InvalidInput with file and line for a file that is missing or not in UTF-8, a column that
    is missing or occurs twice, a record with too few or too many cells, or a quotation mark that is never closed.
    """
    try:
        with open(path, "rb") as binary:
            yield from _rows(path, _lines(path, binary), columns, any_of, decimal)
    except OSError as error:
        raise InvalidInput(f"The file cannot be read: {error.strerror or error}.", file=path) from error


def _rows(
    path: Path,
    lines: Iterator[str],
    columns: Sequence[str],
    any_of: Sequence[str],
    decimal: DecimalMark | None,
) -> Iterator[Row]:
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    records = csv.reader(chain([first], lines), delimiter=separator, skipinitialspace=True, strict=True)
    first_line = 1
    try:
        header = checked_header(path, next(records, []), columns, any_of)
        first_line = 1 + records.line_num
        for cells in records:
            if any(cells):
                if len(cells) != len(header):
                    raise _error(
                        path,
                        first_line,
                        f"The row has {count_of(len(cells), 'cell')}, but the header has {len(header)}.",
                    )
                for name, cell in zip(header, cells, strict=True):
                    if reason := unreadable_in(cell):
                        raise _error(path, first_line, f"{name}: {reason}")
                yield Row(path, first_line, dict(zip(header, map(fold, cells), strict=True)), decimal)
            first_line = 1 + records.line_num
    except csv.Error as error:
        raise _error(path, first_line, f"The row cannot be read ({error}).") from error


def _lines(path: Path, binary: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(binary, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _error(path, number, "The file is not in UTF-8. Save it as «CSV UTF-8».") from error


def checked_header(
    path: Path, cells: Sequence[str], columns: Sequence[str], any_of: Sequence[str] = ()
) -> list[str]:
    """Return the names of the columns. Raises InvalidInput where one is missing or stands twice."""
    names = [fold(name) for name in cells]
    if missing := [column for column in columns if column not in names]:
        raise _error(path, 1, f"The header has no column {' and no column '.join(missing)}.")
    if any_of and not set(any_of) & set(names):
        raise _error(path, 1, f"One of the columns {', '.join(any_of)} is required.")
    for number, name in enumerate(names, 1):
        if (first := names.index(name) + 1) != number:
            places = f"as its columns {first} and {number}"
            raise _error(path, 1, f"The header has the column {name or 'without a name'} twice, {places}.")
    return names


def _error(path: Path, line: int, reason: str) -> InvalidInput:
    return InvalidInput(reason, file=path, place=f"line {line}")
