"""Consents of people."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from solidary.platform.database import timestamp
from sqlalchemy import ARRAY, FetchedValue, Text
from sqlalchemy.orm import Mapped, mapped_column

from intake.registry.people.models import PersonPart
from intake.sharing.consents import rules
from intake.sharing.consents.rules import CONSENT_TRANSITIONS, ConsentActor, ConsentState


class Consent(PersonPart):
    """A consent of a person. It opens one package, and only while it is in force.

    `recorded_by` is the user who took it. `text_version` is the version of the text that was read out.
    """

    __tablename__ = "consent"
    __location__ = "/consents/{id}"

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
    best_interest: Mapped[date | None]
    text_version: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    valid_until: Mapped[timestamp]
    state: Mapped[str]
    ended: Mapped[timestamp | None]

    @property
    def people(self) -> list[UUID]:
        """The person, and the one who gave the consent for them."""
        return [self.root, *([self.given_by] if self.given_by else [])]

    def is_in_force(self, now: datetime) -> bool:
        """Return whether the consent is granted and its time is not over."""
        return rules.is_in_force(ConsentState(self.state), self.valid_until, now)

    def end(self, to: ConsentState, actor: ConsentActor, now: datetime) -> None:
        """Withdraw or expire the consent. Raises TransitionNotAllowed, ActorNotAllowed."""
        self.state, self.ended = CONSENT_TRANSITIONS.move(ConsentState(self.state), to, (actor,)), now
