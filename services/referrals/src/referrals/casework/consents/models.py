from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy.orm import Mapped


class KnownConsent(AgencyEntity):
    """One consent, by its id in intake; `agency` is the one that recorded it."""

    __tablename__ = "known_consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    purpose: Mapped[str]
    recipient: Mapped[UUID]
    package_id: Mapped[UUID]
    valid_until: Mapped[timestamp | None]
    ended: Mapped[timestamp | None]

    def in_force(self, now: datetime) -> bool:
        return self.ended is None and (self.valid_until is None or self.valid_until > now)
