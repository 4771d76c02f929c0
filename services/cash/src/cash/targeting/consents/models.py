from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy.orm import Mapped


class Consent(AgencyEntity):
    """A consent of a person in an agency's care, to one recipient; its rows belong to that agency."""

    __tablename__ = "consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    package_id: Mapped[UUID]
    recipient: Mapped[UUID]
    valid_until: Mapped[timestamp | None]
    ended: Mapped[timestamp | None]

    def in_force(self, at: datetime) -> bool:
        return self.ended is None and (self.valid_until is None or at < self.valid_until)
