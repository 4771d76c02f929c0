"""The entries of timelines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork, timestamp
from sqlalchemy.orm import Mapped


class TimelineEntry(AgencyEntity):
    """An entry on the timeline of a person (`root`).

    `kind` is a code such as `consent_granted`; `reference` is the id of what the entry is about.
    """

    __tablename__ = "timeline_entry"

    at: Mapped[timestamp]
    kind: Mapped[str]
    reference: Mapped[UUID | None]


def add_timeline_entry(
    unit: UnitOfWork,
    person_id: UUID,
    kind: str,
    reference: UUID | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Add an entry to a person's timeline. Nothing of the restricted tier may ever be added."""
    unit.add(TimelineEntry(root=person_id, at=at or unit.now, kind=kind, reference=reference))
