"""A consent, as intake published it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import Aggregate, timestamp
from sqlalchemy.orm import Mapped


class KnownConsent(Aggregate):
    """A consent with its id in intake; `agency` is the agency that recorded it."""

    __tablename__ = "known_consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    purpose: Mapped[str]
    recipient: Mapped[UUID]
    package_id: Mapped[UUID]
    valid_until: Mapped[timestamp | None]
    ended_at: Mapped[timestamp | None]

    def is_in_force(self, now: datetime) -> bool:
        """Return whether the consent has neither been ended nor expired."""
        return self.ended_at is None and (self.valid_until is None or self.valid_until > now)
