from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.sharing.consents import rules
from intake.sharing.consents.rules import State


class Consent(AgencyEntity):
    """`root` is the person. What it opens is the package, and only while it is in force."""

    __tablename__ = "consent"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    package_id: Mapped[UUID]
    purpose: Mapped[str]
    recipient: Mapped[UUID]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    basis: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    given_by: Mapped[UUID | None]
    assent: Mapped[bool]
    valid_until: Mapped[timestamp | None]
    state: Mapped[str]
    ended: Mapped[timestamp | None]

    def in_force(self, now: datetime) -> bool:
        return rules.in_force(State(self.state), self.valid_until, now)

    def end(self, to: State, now: datetime) -> None:
        self.state, self.ended = rules.end(State(self.state), to), now
