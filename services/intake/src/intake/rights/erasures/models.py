"""The list of erasures, which outlives every backup."""

from __future__ import annotations

from solidary.platform.database import AgencyEntity
from sqlalchemy.orm import Mapped


class Erasure(AgencyEntity):
    """The erasure of a person, whose id is `id` and `root`. It has nothing else about them."""

    __tablename__ = "erasure"

    reason: Mapped[str]

    @property
    def location(self) -> str:
        """The path at which the API shows it."""
        return f"/people/{self.root}/erasure"
