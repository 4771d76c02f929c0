"""People in a CSV file, in the columns of FEBRL unless others are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from solidary.files.tables import read_rows

from intake.engines.matching.person_record import ADDRESS_FIELDS, PersonRecord

FIELDS = {
    "given_name": "given_name",
    "surname": "surname",
    "second_surname": "second_surname",
    "date_of_birth": "date_of_birth",
    "sex": "sex",
    "soc_sec_id": "document",
    "telephone": "telephone",
} | {name: name for name in ADDRESS_FIELDS}
"""The columns that are read, and the field of a record that each fills. The first column is the record's id."""


@dataclass(frozen=True)
class PersonFile:
    """The records of a file and their ids, in its order."""

    ids: tuple[str, ...]
    records: tuple[PersonRecord, ...]


def read_person_file(path: Path, column_names: Mapping[str, str] | None = None) -> PersonFile:
    """Read a file of people (see `solidary.files.tables`; the first column is the id).

    `column_names` gives the file's own names: `{"surname": "apellidos"}`. Raises InvalidInput with the line for
    a missing file or column, another encoding, a row of another length, an id that is empty or occurs twice.
    """
    renamed = column_names or {}
    columns = {renamed.get(column, column): field for column, field in FIELDS.items()}
    name_columns = [renamed.get(column, column) for column in ("given_name", "surname")]
    lines: dict[str, int] = {}
    records: list[PersonRecord] = []
    for row in read_rows(path, list(renamed.values()), any_of=name_columns):
        (_, id_), *cells = row.cells.items()
        if not id_:
            raise row.error("The record has no id.")
        if id_ in lines:
            raise row.error(f"The id {id_} is already on line {lines[id_]}.")
        lines[id_] = row.line
        fields = {columns[name]: text for name, text in cells if name in columns}
        records.append(PersonRecord.from_texts(**fields))
    return PersonFile(tuple(lines), tuple(records))
