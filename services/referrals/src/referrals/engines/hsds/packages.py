"""HSDS objects out of a CSV data package: a folder with a table per kind, a row per object.

The names of the tables say what they hold; `datapackage.json` is not needed, and tables of other names are
left alone. An empty cell is a field left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from solidary.files.command_line import InvalidInput

from referrals.engines.hsds.findings import Finding, faults
from referrals.engines.hsds.kinds import BY_TABLE, Kind

LONGEST_CELL = 16 * 1024 * 1024
"""Characters: the geometry of a service area can be long."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,308})(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def tables(folder: Path) -> list[Path]:
    """The HSDS tables in a folder, in the order of their names."""
    return [path for path in sorted(folder.glob("*.csv")) if path.name in BY_TABLE]


def row_faults(kind: Kind, row: Mapping[str, object]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each path within a row, its numbers read already, where it is not one of the kind's table."""
    for path, reason in faults(kind.model, row):
        if path[0] not in kind.nested or path[0] in row:
            yield path, reason
    for field in kind.linked_by:
        if field not in row:
            yield (field,), "is required in a table"


def cell_value(kind: Kind, name: str, cell: str) -> object:
    """A cell as its field's type; what is no number or truth value stays text, and is refused as such."""
    if name in kind.numbers and (number := _NUMBER.fullmatch(cell)):
        return float(cell) if number[1] or number[2] else int(cell)
    if name in kind.truths:
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return cell


def read(path: Path) -> Iterator[Finding | None]:
    """A finding for each fault of a table, as they are met, and None after each row.

    Places are `table:line:column`; the line is where the row begins, the column counts cells from 1.
    """
    csv.field_size_limit(LONGEST_CELL)
    with _opened(path) as binary:
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
            yield Finding(f"{path.name}:{line}:1", f"not CSV from here on: {error}")


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error


def _lines(binary: IO[bytes]) -> Iterator[str]:
    for line in binary:
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise csv.Error("not UTF-8: save the file as «CSV UTF-8»") from error


class _Table:
    """One table: its kind, its header, and on which line each identifier stood."""

    def __init__(self, name: str, header: list[str]):
        self.name, self.header, self.kind = name, header, BY_TABLE[name]
        self.lines: dict[str, int] = {}

    def finding(self, line: int, column: int, reason: str) -> Finding:
        return Finding(f"{self.name}:{line}:{column}", reason)

    def header_findings(self) -> Iterator[Finding]:
        if not any(self.header):
            yield self.finding(1, 1, "has no header row")
            return
        for column, name in enumerate(self.header, 1):
            if name in self.header[: column - 1]:
                yield self.finding(1, column, f"{name}: a second column of this name")
        for name in sorted(self.kind.columns.difference(self.header)):
            yield self.finding(
                1, len(self.header) + 1, f"{name}: there is no such column, and it is required"
            )

    def row_findings(self, line: int, cells: list[str]) -> Iterator[Finding]:
        if len(cells) != len(self.header):
            reason = f"{len(cells)} cells under a header of {len(self.header)}"
            yield self.finding(line, min(len(cells), len(self.header)) + 1, reason)
            return
        named = zip(self.header, cells, strict=True)
        row = {name: cell_value(self.kind, name, cell) for name, cell in named if cell}
        for path, reason in row_faults(self.kind, row):
            if path[0] in self.header:
                yield self.finding(line, self.header.index(str(path[0])) + 1, f"{path[0]}: {reason}")
        identifier = str(row.get("id", "")).lower()
        before = self.lines.setdefault(identifier, line)
        if identifier and before != line:
            yield self.finding(line, self.header.index("id") + 1, f"id: stands already on line {before}")
