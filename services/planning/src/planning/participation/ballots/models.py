"""Used ballot cards, and ballots. Neither ever changes, and nothing links one to the other."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column


class UsedBallotCard(AgencyEntity):
    """A ballot card that was used, by its number in its round."""

    __tablename__ = "used_ballot_card"

    round: Mapped[int]
    number: Mapped[int]


class Ballot(AgencyEntity):
    """The approved actions of one voter. `community` is declared by the voter; it is never a status."""

    __tablename__ = "ballot"

    round: Mapped[int]
    community: Mapped[str]
    channel: Mapped[str]
    approvals: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
