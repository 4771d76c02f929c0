"""People from a CSV file, in the columns of FEBRL unless others are named."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from solidary.files.command_line import InvalidInput

from intake.engines.matching.persons import PLACE, Person

FIELDS = {
    "given_name": "given_name",
    "surname": "surname",
    "second_surname": "second_surname",
    "date_of_birth": "date_of_birth",
    "sex": "sex",
    "soc_sec_id": "document",
    "telephone": "telephone",
} | {name: name for name in PLACE}
"""Columns that are read, and what they are to a person. The first column is the record's id."""


@dataclass(frozen=True)
class Records:
    """The people of a file, beside their ids, in its order."""

    ids: tuple[str, ...]
    persons: tuple[Person, ...]


def read(path: Path, named: Mapping[str, str] | None = None) -> Records:
    """A file of people (UTF-8; commas, or semicolons where the header has no comma).

    `named` gives the file's own column names: `{"surname": "apellidos"}`. Raises InvalidInput with the line
    for a missing file or column, another encoding, a row of another length, an id without text or twice.
    """
    ids: dict[str, int] = {}
    persons: list[Person] = []
    for line, record, person in _rows(path, named or {}):
        if not record:
            raise InvalidInput("the record has no id", file=path, place=f"line {line}")
        if record in ids:
            raise InvalidInput(
                f"id {record!r} is already on line {ids[record]}", file=path, place=f"line {line}"
            )
        ids[record] = line
        persons.append(person)
    return Records(tuple(ids), tuple(persons))


def _rows(path: Path, named: Mapping[str, str]) -> Iterator[tuple[int, str, Person]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            text.seek(0)
            delimiter = ";" if ";" in first and "," not in first else ","
            rows = csv.reader(text, delimiter=delimiter, skipinitialspace=True, strict=True)
            columns = _columns(path, next(rows, []), named)
            width = len(columns)
            for row in rows:
                if not row:
                    continue
                if len(row) != width:
                    raise InvalidInput(
                        f"{len(row)} fields where the header has {width}",
                        file=path,
                        place=f"line {rows.line_num}",
                    )
                known = {field: value for field, value in zip(columns, row, strict=True) if field}
                yield rows.line_num, row[0].strip(), Person.of(**known)
    except OSError as error:
        raise InvalidInput(error.strerror or str(error), file=path) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not UTF-8 at byte {error.start}", file=path) from error
    except csv.Error as error:
        raise InvalidInput(str(error), file=path, place=f"line {rows.line_num}") from error


def _columns(path: Path, header: list[str], named: Mapping[str, str]) -> list[str | None]:
    """For each column what it is to a person, or None for the id and for what is not read."""
    if not header:
        raise InvalidInput("the file is empty", file=path)
    wanted = {named.get(column, column): field for column, field in FIELDS.items()}
    names = [name.strip() for name in header]
    if absent := [name for name in named.values() if name not in names]:
        raise InvalidInput(f"no column {', '.join(absent)}", file=path, place="line 1")
    columns = [None, *(wanted.get(name) for name in names[1:])]
    if "given_name" not in columns and "surname" not in columns:
        raise InvalidInput("no column of names (given_name, surname)", file=path, place="line 1")
    return columns
