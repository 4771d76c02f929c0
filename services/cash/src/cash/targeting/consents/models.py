"""The entities of consents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import Aggregate, timestamp
from sqlalchemy.orm import Mapped


class Consent(Aggregate):
    """A consent to one recipient, owned by the agency that registered the person."""

    __tablename__ = "consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    package_id: Mapped[UUID]
    recipient: Mapped[UUID]
    valid_until: Mapped[timestamp | None]
    ended: Mapped[timestamp | None]

    def is_in_force(self, at: datetime) -> bool:
        """Return True where the consent is neither withdrawn nor expired."""
        return self.ended is None and (self.valid_until is None or at < self.valid_until)
