"""The list of erasures as a file, and its replay on a restored database.

Both run as an operator's command, with the roles that pass row-level security, while nothing serves.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import psycopg
from solidary.files.command_line import CommandError
from solidary.language.events.intake import PersonErased
from solidary.language.records import Record
from solidary.platform.database.outbox import INSERT_EVENTS, Publication, parameters

ALL_ERASURES = "SELECT id, agency, created, reason FROM data.erasure"
REPLAY = """
    SELECT set_config('app.agency', %(agency)s, true), set_config('app.subject', %(agency)s, true),
        machinery.delete_person(%(person)s)
"""
RECORD = """
    INSERT INTO data.erasure (id, root, agency, created, reason)
    VALUES (%(person)s, %(person)s, %(agency)s, %(erased)s, %(reason)s) ON CONFLICT DO NOTHING
"""
FINISH = """
    DELETE FROM data.search;
    DELETE FROM keys.subject_key k WHERE NOT EXISTS (SELECT FROM data.person p WHERE p.id = k.root);
    UPDATE machinery.erasures_replayed SET identity = machinery.database_identity();
"""


class ErasureEntry(Record):
    """One erasure in the file, a line of JSON."""

    version: Literal[1] = 1
    person: UUID
    agency: UUID
    erased: datetime
    reason: str


def export(url: str, file: Path) -> int:
    """Add the database's erasures to those of the file; return how many the file has. `url`: the role `backup`.

    What the file has stays in it, whatever the database has: it outlives every backup.
    """
    entries = read_entries(file) if file.exists() else {}
    with psycopg.connect(url) as connection:
        for person, agency, erased, reason in connection.execute(ALL_ERASURES):
            entries[person] = ErasureEntry(person=person, agency=agency, erased=erased, reason=reason)
    lines = "".join(f"{entry.model_dump_json()}\n" for entry in entries.values())
    partial = file.with_name(f"{file.name}.partial")
    partial.touch(mode=0o600)
    with partial.open("w", encoding="utf-8") as opened:
        opened.write(lines)
        opened.flush()
        os.fsync(opened.fileno())
    partial.replace(file)
    return len(entries)


def replay(url: str, file: Path) -> int:
    """Erase again, in a restored database, everybody in the file; return how many. `url`: the role `migrate`.

    One transaction: from its commit on the services accept the database. An erasure that the copy did not know is
    published again, because the copies of the other services may not know it either.
    """
    entries = read_entries(file)
    with psycopg.connect(url) as connection:
        for entry in entries.values():
            values = entry.model_dump(mode="json")
            connection.execute(REPLAY, values)
            if connection.execute(RECORD, values).rowcount:
                _publish(connection, entry)
        connection.execute(FINISH)
    return len(entries)


def _publish(connection: psycopg.Connection, entry: ErasureEntry) -> None:
    publication = Publication(PersonErased(person_id=entry.person), entry.agency)
    values = parameters([publication], time=datetime.now(UTC), traceparent=None)
    connection.execute(INSERT_EVENTS, values)


def read_entries(file: Path) -> dict[UUID, ErasureEntry]:
    """Return the entries of a file by person. Raises CommandError where the file or a line is not as it should be."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    entries: dict[UUID, ErasureEntry] = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = ErasureEntry.model_validate_json(line)
        except ValueError as error:
            raise CommandError(f"{file}, line {number}: this is no erasure. Use an exported file.") from error
        entries[entry.person] = entry
    return entries
