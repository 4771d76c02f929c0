"""CSV data packages: a folder with one table for each kind of object, and one row for each object.

A table is recognised by its name; `datapackage.json` is not needed, and tables with other names are ignored. An empty
cell is a missing field.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from solidary.files.command_line import InvalidInput
from solidary.language.problems import count_of

from referrals.engines.hsds.findings import Finding, FoundFault, find_faults
from referrals.engines.hsds.kinds import BY_TABLE, Kind

LARGEST_CELL = 16 * 1024 * 1024
"""The upper limit of a cell, in characters: the geometry of a service area can be long."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,308})(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def find_tables(folder: Path) -> list[Path]:
    """Return the HSDS tables in a folder, in the order of their names."""
    return [path for path in sorted(folder.glob("*.csv")) if path.name in BY_TABLE]


def row_faults(kind: Kind, row: Mapping[str, object]) -> Iterator[FoundFault]:
    """Yield each fault of a row, whose cells have been converted."""
    for fault in find_faults(kind.model, row):
        if fault.path[0] not in kind.nested_fields or fault.path[0] in row:
            yield fault
    for field in kind.foreign_keys:
        if field not in row:
            yield FoundFault((field,), "This field is required in a table.")


def convert_cell(kind: Kind, name: str, cell: str) -> object:
    """Return a cell with the type of its field; a cell that is not of that type stays text, and is refused as such."""
    if name in kind.numbers and (number := _NUMBER.fullmatch(cell)):
        return float(cell) if number[1] or number[2] else int(cell)
    if name in kind.booleans:
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return cell


def check_table(path: Path) -> Iterator[Finding | None]:
    """Yield a finding for each fault of a table, in the order of the file, and None after each row.

    Places are `table:line:column`; the line is where the row begins, the column counts cells from 1.
    """
    csv.field_size_limit(LARGEST_CELL)
    with _open(path) as binary:
        rows = csv.reader(_lines(binary), strict=True)
        line = 1
        try:
            table = _Table(path.name, next(rows, []))
            yield from table.header_findings()
            line = rows.line_num + 1
            for cells in rows:
                if cells:
                    yield from table.row_findings(line, cells)
                    yield None
                line = rows.line_num + 1
        except csv.Error as error:
            yield Finding(f"{path.name}:{line}:1", f"The file is not CSV from here on: {error}.")
        except UnicodeDecodeError:
            reason = "The file is not UTF-8 from here on. Save it as «CSV UTF-8»."
            yield Finding(f"{path.name}:{line}:1", reason)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error


def _lines(binary: IO[bytes]) -> Iterator[str]:
    for line in binary:
        yield line.decode("utf-8-sig")


class _Table:
    """One table: its kind, its header, and the line of each identifier."""

    def __init__(self, name: str, header: list[str]):
        self.name, self.header, self.kind = name, header, BY_TABLE[name]
        self.lines: dict[str, int] = {}

    def finding(self, line: int, column: int, reason: str, *, is_warning: bool = False) -> Finding:
        return Finding(f"{self.name}:{line}:{column}", reason, is_warning)

    def header_findings(self) -> Iterator[Finding]:
        if not any(self.header):
            yield self.finding(1, 1, "The table has no header row.")
            return
        for column, name in enumerate(self.header, 1):
            if name in self.header[: column - 1]:
                yield self.finding(1, column, f"{name}: There is already a column with this name.")
        for name in sorted(self.kind.required_columns.difference(self.header)):
            yield self.finding(1, len(self.header) + 1, f"{name}: This column is required.")

    def row_findings(self, line: int, cells: list[str]) -> Iterator[Finding]:
        if len(cells) != len(self.header):
            reason = f"The row has {count_of(len(cells), 'cell')} and the header {len(self.header)}."
            yield self.finding(line, min(len(cells), len(self.header)) + 1, reason)
            return
        named = zip(self.header, cells, strict=True)
        row = {name: convert_cell(self.kind, name, cell) for name, cell in named if cell}
        for fault in row_faults(self.kind, row):
            if (name := str(fault.path[0])) in self.header:
                column, reason = self.header.index(name) + 1, f"{name}: {fault.reason}"
                yield self.finding(line, column, reason, is_warning=fault.is_warning)
        identifier = str(row.get("id", "")).lower()
        first = self.lines.setdefault(identifier, line)
        if identifier and first != line:
            yield self.finding(
                line, self.header.index("id") + 1, f"id: The row on line {first} has the same id."
            )
