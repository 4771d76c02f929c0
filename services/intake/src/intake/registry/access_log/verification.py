"""The comparison of the access log with seals that were kept outside the database.

An operator or auditor runs it as a command, with the role that reads all. The digests are computed here, from the
entries, so that a function that the owner of the database has replaced cannot vouch for a changed log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from pydantic import BaseModel, ValidationError
from solidary.files.command_line import InvalidInput
from solidary.language.events.intake import AccessLogSealed

from intake.registry.access_log.rules import Finding, SealedBatch, compare_seals

AGENCIES = "SELECT DISTINCT agency FROM data.access_seal"
CUT = "SELECT max(seal), max(created) FROM data.access_cut WHERE agency = %s"
SEALS = "SELECT number, entries, digest FROM data.access_seal WHERE agency = %s ORDER BY number"
ENTRIES = """
    SELECT seal, jsonb_build_array(number, id, root, extract(epoch FROM created), recorded_by, action, reason,
        reference, service, cause, on_behalf_of, recipient)::text
    FROM data.access_entry WHERE agency = %s AND seal > %s ORDER BY seal, number
"""
"""The text of each entry is that of `machinery.access_text`, by PostgreSQL's own functions."""


@dataclass(frozen=True)
class VerifiedLog:
    """An agency's log with the number of its seals and entries, and what differs.

    The entries up to the seal `cut_seal` (0: none) were deleted after their retention period, the last of them at
    `cut_at`.
    """

    agency: UUID
    seals: int
    entries: int
    findings: Sequence[Finding]
    cut_seal: int
    cut_at: datetime | None


class _KeptEvent(BaseModel):
    """A line of a feed that was kept: a CloudEvent."""

    type: str
    data: dict[str, Any]


def read_kept_seals(file: Path) -> dict[UUID, dict[int, set[str]]]:
    """Return the kept digests of each agency by number, from events or their data, one line of JSON each.

    Events of other types are left out. Raises InvalidInput.
    """
    kept: dict[UUID, dict[int, set[str]]] = {}
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and (seal := _kept_seal(file, number, line)):
                    kept.setdefault(seal.agency_id, {}).setdefault(seal.number, set()).add(
                        seal.digest.lower()
                    )
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("The file cannot be read as text.", file=file) from error
    return kept


def verify_logs(url: str, kept: Mapping[UUID, Mapping[int, set[str]]]) -> Iterator[VerifiedLog]:
    """Verify the log of every agency of the database and of the kept seals. `url`: the role `backup`."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        agencies = {agency for (agency,) in connection.execute(AGENCIES)} | kept.keys()
        for agency in sorted(agencies):
            cut_seal, cut_at = connection.execute(CUT, (agency,)).fetchone() or (None, None)
            batches = list(_sealed_batches(connection, agency, cut_seal or 0))
            yield VerifiedLog(
                agency,
                seals=sum(batch.digest is not None for batch in batches),
                entries=sum(batch.found for batch in batches),
                findings=compare_seals(batches, kept.get(agency, {})),
                cut_seal=cut_seal or 0,
                cut_at=cut_at,
            )


def _kept_seal(file: Path, number: int, line: str) -> AccessLogSealed | None:
    try:
        if '"type"' not in line:
            return AccessLogSealed.model_validate_json(line)
        event = _KeptEvent.model_validate_json(line)
        return AccessLogSealed.model_validate(event.data) if event.type == AccessLogSealed.type else None
    except ValidationError as error:
        reason = "This is no event of a feed and no seal. Keep the items of GET /events, one in a line."
        raise InvalidInput(reason, file=file, place=f"line {number}") from error


def _sealed_batches(connection: psycopg.Connection, agency: UUID, cut: int) -> Iterator[SealedBatch]:
    """Yield each seal with the digest that its entries have, computed over the digest of the seal before.

    The entries up to the seal `cut` are gone: of these seals only the digests can be compared with those kept outside.
    """
    seals = {number: (entries, digest) for number, entries, digest in connection.execute(SEALS, (agency,))}
    before = b""
    for number in sorted(number for number in seals if number <= cut):
        _, before = seals.pop(number)
        yield SealedBatch(number, 0, before, 0, before)
    with connection.cursor("entries") as cursor:
        cursor.execute(ENTRIES, (agency, cut))
        batches = groupby(cursor, key=lambda row: row[0])
        for number, rows in batches:
            count, hashed = 0, sha256(before)
            for count, (_, text) in enumerate(rows, 1):
                hashed.update((b"\n" if count > 1 else b"") + text.encode())
            entries, digest = seals.pop(number, (0, None))
            before = hashed.digest()
            yield SealedBatch(number, entries, digest, count, before)
    for number, (entries, digest) in seals.items():
        yield SealedBatch(number, entries, digest, 0, b"")
