"""HSDS objects out of a CSV data package: a folder with a table per kind, a row per object.

The names of the tables say what they hold; `datapackage.json` is not needed, and tables of other names are
left alone. An empty cell is a field left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, get_args

from referrals.directory.findings import Finding, faults
from referrals.directory.kinds import BY_TABLE, Kind

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
        if field not in row and not kind.model.model_fields[field].is_required():
            yield (field,), "is required in a table"


def read(path: Path) -> Iterator[Finding | None]:
    """A finding for each fault of a table, as they are met, and None after each row.

    Places are `table:line:column`; the line is where the row begins, the column counts cells from 1.
    """
    kind = BY_TABLE[path.name]
    csv.field_size_limit(LONGEST_CELL)
    with path.open("rb") as binary:
        rows = csv.reader(_lines(binary), strict=True)
        line = 1
        try:
            header = next(rows, [])
            yield from _header_findings(path.name, header)
            seen: dict[str, int] = {}
            line = rows.line_num + 1
            for cells in rows:
                if cells:
                    yield from _row_findings(path.name, line, kind, header, cells, seen)
                line = rows.line_num + 1
        except csv.Error as error:
            yield Finding(f"{path.name}:{line}:1", f"not CSV from here on: {error}")


def _lines(binary: IO[bytes]) -> Iterator[str]:
    for line in binary:
        try:
            yield line.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise csv.Error("not UTF-8: save the file as «CSV UTF-8»") from error


def _header_findings(table: str, header: list[str]) -> Iterator[Finding]:
    if not any(header):
        yield Finding(f"{table}:1:1", "has no header row")
    for column, name in enumerate(header, 1):
        if name in header[: column - 1]:
            yield Finding(f"{table}:1:{column}", f"{name}: a second column of this name")


def _row_findings(
    table: str, line: int, kind: Kind, header: list[str], cells: list[str], seen: dict[str, int]
) -> Iterator[Finding | None]:
    if len(cells) != len(header):
        reason = f"{len(cells)} cells under a header of {len(header)}"
        yield Finding(f"{table}:{line}:{min(len(cells), len(header)) + 1}", reason)
        yield None
        return
    row = {name: cell_value(kind, name, cell) for name, cell in zip(header, cells, strict=True) if cell}
    found = [(str(path[0]), reason) for path, reason in row_faults(kind, row)]
    identifier = str(row.get("id", "")).lower()
    if identifier and identifier in seen:
        found.append(("id", f"stands already on line {seen[identifier]}"))
    seen.setdefault(identifier, line)
    for field, reason in found:
        column = header.index(field) + 1 if field in header else len(header) + 1
        yield Finding(f"{table}:{line}:{column}", f"{field}: {reason}")
    yield None


def cell_value(kind: Kind, name: str, cell: str) -> object:
    """A cell as its field's type; what is no number or truth value stays text, and is refused as such."""
    declared = kind.model.model_fields.get(name)
    if declared is None:
        return cell
    if _holds(bool, declared.annotation):
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if _holds(float, declared.annotation) and (number := _NUMBER.fullmatch(cell)):
        return float(cell) if number[1] or number[2] else int(cell)
    return cell


def _holds(wanted: type, annotation: object) -> bool:
    return annotation is wanted or any(_holds(wanted, part) for part in get_args(annotation))
