"""Used cards and ballots. Neither is ever changed, and nothing leads from one to the other."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column


class Card(AgencyEntity):
    """A card that was used, by its number in its round."""

    __tablename__ = "card"

    round: Mapped[int]
    number: Mapped[int]


class Ballot(AgencyEntity):
    """Approved actions of one voter. `community` is what the voter says of themselves; never a status."""

    __tablename__ = "ballot"

    round: Mapped[int]
    community: Mapped[str]
    channel: Mapped[str]
    approvals: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
