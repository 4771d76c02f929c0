"""The addition of many entries to timelines at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import text

ADD_ENTRIES = text(
    """
    INSERT INTO data.timeline_entry (id, root, kind, reference, at)
    SELECT gen_random_uuid(), e.root, e.kind, e.reference, e.at
    FROM unnest(CAST(:people AS uuid[]), CAST(:kinds AS text[]), CAST(:references AS uuid[]),
        CAST(:times AS timestamptz[])) WITH ORDINALITY AS e (root, kind, reference, at, number)
    ORDER BY e.number
    """
)


class NewEntry(NamedTuple):
    """An entry for a person's timeline; `reference` is the id of what it is about."""

    person_id: UUID
    kind: str
    reference: UUID
    at: datetime


async def add_timeline_entries(unit: UnitOfWork, entries: Sequence[NewEntry]) -> None:
    """Add entries to people's timelines in their order. One statement. Nothing restricted may ever be added."""
    if entries:
        people, kinds, references, times = (list(column) for column in zip(*entries, strict=True))
        parameters = {"people": people, "kinds": kinds, "references": references, "times": times}
        await unit.session.execute(ADD_ENTRIES, parameters)
