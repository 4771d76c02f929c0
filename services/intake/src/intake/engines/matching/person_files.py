"""People in a CSV file, in the columns of FEBRL unless others are named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from solidary.files.command_line import InvalidInput
from solidary.files.tables import read_rows
from solidary.language.problems import count_of

from intake.engines.matching.birth_dates import parse_birth_date
from intake.engines.matching.coded_columns import UnreadableColumn, read_births, read_sexes
from intake.engines.matching.person_record import ADDRESS_FIELDS, PersonRecord

FIELDS = {
    "given_name": "given_name",
    "surname": "surname",
    "second_surname": "second_surname",
    "date_of_birth": "date_of_birth",
    "sex": "sex",
    "soc_sec_id": "document",
    "document_kind": "document_kind",
    "document_issuer": "document_issuer",
    "telephone": "telephone",
} | {name: name for name in ADDRESS_FIELDS}
"""The columns that are read, and the field of a record that each fills. The first column is the record's id."""


@dataclass(frozen=True)
class PersonFile:
    """The records of a file and their ids, in its order; `notes` are sentences about cells that count as empty."""

    ids: tuple[str, ...]
    records: tuple[PersonRecord, ...]
    notes: tuple[str, ...] = ()


def read_person_file(
    path: Path, column_names: Mapping[str, str] | None = None, placeholders: Collection[str] = ()
) -> PersonFile:
    """Read a file of people (see `solidary.files.tables`; the first column is the id).

    `column_names` gives the file's own names: `{"surname": "apellidos"}`. `placeholders` are further words for a
    missing number or name. Raises InvalidInput with the line for
    a missing file or column, another encoding, a row of another length, an id that is empty or occurs twice.
    """
    renamed = column_names or {}
    columns = {renamed.get(column, column): field for column, field in FIELDS.items()}
    name_columns = [renamed.get(column, column) for column in ("given_name", "surname")]
    lines: dict[str, int] = {}
    records: list[PersonRecord] = []
    births: list[str] = []
    sexes: list[str] = []
    for row in read_rows(path, list(renamed.values()), any_of=name_columns):
        (_, id_), *cells = row.cells.items()
        if not id_:
            raise row.error("The record has no id.")
        if id_ in lines:
            raise row.error(f"The id {id_} is already on line {lines[id_]}.")
        lines[id_] = row.line
        fields = {columns[name]: text for name, text in cells if name in columns}
        births.append(fields.pop("date_of_birth", ""))
        sexes.append(fields.pop("sex", ""))
        records.append(PersonRecord.from_texts(**fields, placeholders=placeholders))
    return _with_coded_columns(path, lines, records, births, sexes)


def _with_coded_columns(
    path: Path, lines: Mapping[str, int], records: list[PersonRecord], births: list[str], sexes: list[str]
) -> PersonFile:
    """Return the file with the columns that are read as a whole. Raises InvalidInput with the line of an example."""
    try:
        column = "sex"
        codes = read_sexes(sexes)
        column = "date_of_birth"
        dates, unreadable = read_births(births)
    except UnreadableColumn as error:
        line = list(lines.values())[error.index]
        raise InvalidInput(f"{column}: {error}", file=path, place=f"line {line}") from error
    notes = (
        [f"{count_of(unreadable, 'date of birth', 'dates of birth')} cannot be read."] if unreadable else []
    )
    completed = (
        replace(record, born=parse_birth_date(date), sex=sex.casefold())
        for record, date, sex in zip(records, dates, codes, strict=True)
    )
    return PersonFile(tuple(lines), tuple(completed), tuple(notes))
