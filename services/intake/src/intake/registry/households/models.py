from __future__ import annotations

from solidary.platform.database import AgencyEntity, money
from sqlalchemy.orm import Mapped

from intake.registry.households.schemas import HouseholdIn


class Household(AgencyEntity):
    """`id == root`. `version` counts its changes: who holds its coded profile learns that it moved on."""

    __tablename__ = "household"

    version: Mapped[int]
    area: Mapped[str]
    cell: Mapped[str | None]
    shelter: Mapped[str | None]
    own_income: Mapped[money]
    other_aid: Mapped[money]

    def becomes(self, said: HouseholdIn) -> None:
        """Takes what the desk says now, as a new version."""
        for name, value in said.model_dump().items():
            setattr(self, name, value)
        self.moves_on()

    def moves_on(self) -> None:
        self.version = (self.version or 0) + 1
