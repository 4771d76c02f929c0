"""One line of a person's timeline."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork, timestamp
from sqlalchemy.orm import Mapped


class TimelineEntry(AgencyEntity):
    """`root` is the person. `kind` is a code such as `consent_granted`; `reference` the id of what it is about."""

    __tablename__ = "timeline_entry"

    at: Mapped[timestamp]
    kind: Mapped[str]
    reference: Mapped[UUID | None]


def note(
    unit: UnitOfWork, person: UUID, kind: str, reference: UUID | None = None, *, at: datetime | None = None
) -> None:
    """Adds a line. Never for anything of the restricted tier."""
    unit.add(TimelineEntry(root=person, at=at or unit.now, kind=kind, reference=reference))
