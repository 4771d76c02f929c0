"""The ballot box, and counted ballots. Nothing links either to a card: no time, no order, no transaction.

Both have no `created`. A box is one row that every vote rewrites whole, encrypted, at a length that only the number of
ballots decides. Equal ballots are counted, not listed, and all of a round are written at once when it is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.platform.database import Entity
from sqlalchemy import ARRAY, LargeBinary, Select, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from planning.participation.ballots.encryption import BoxCipher
from planning.participation.ballots.records import BallotRecord, decode_ballots, encode_ballots
from planning.participation.plans.models import Plan


class _OfRound(Entity):
    """A row of an agency's round without the time at which it was written."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    agency: Mapped[UUID]
    root: Mapped[UUID]
    round: Mapped[int]


class BallotBox(_OfRound):
    """The ballots of a round until it is counted. A full box is followed by another `part`."""

    __tablename__ = "ballot_box"

    part: Mapped[int]
    actions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """The actions that could be approved; a ballot in the box has a bit for each."""
    ballots: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The encrypted ballots; null once they are counted."""

    def add(self, cipher: BoxCipher, ballots: Sequence[BallotRecord]) -> None:
        """Put ballots into the box. Raises BallotBoxUnreadable."""
        content = encode_ballots([*self.read(cipher), *ballots], len(self.actions))
        self.ballots += len(ballots)
        self.content = cipher.encrypt(self.id, self.ballots, content)

    def read(self, cipher: BoxCipher) -> Sequence[BallotRecord]:
        """Return the ballots in the box. Raises BallotBoxUnreadable."""
        if self.content is None:
            return []
        return decode_ballots(cipher.decrypt(self.id, self.ballots, self.content), len(self.actions))


class Ballot(_OfRound):
    """Equal ballots of a counted round. `community` is declared by the voter; it is never a status."""

    __tablename__ = "ballot"

    community: Mapped[str]
    channel: Mapped[str]
    approvals: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    ballots: Mapped[int]
    """The number of these equal ballots."""


def boxes_of(plan: Plan) -> Select[BallotBox]:
    """Return the query of the boxes of the present round, in the order in which they were filled."""
    return (
        select(BallotBox)
        .where(BallotBox.root == plan.id, BallotBox.round == plan.round)
        .order_by(BallotBox.part)
    )
