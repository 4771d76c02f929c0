"""The entities of consents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import Aggregate, timestamp
from sqlalchemy.orm import Mapped


class Consent(Aggregate):
    """A consent in use for one recipient, owned by the agency that registered the person; deleted when it ends."""

    __tablename__ = "consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    package_id: Mapped[UUID]
    recipient: Mapped[UUID]
    valid_until: Mapped[timestamp | None]

    def is_in_force(self, at: datetime) -> bool:
        """Return True where the consent's time is not over. Whether it was withdrawn, only intake knows at once."""
        return self.valid_until is None or at < self.valid_until
