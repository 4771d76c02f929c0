from __future__ import annotations

from typing import Any
from uuid import UUID

from solidary.database import AgencyEntity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cash.enrolments.rules import Profile


class Awaited(AgencyEntity):
    """An accepted cash referral (`id`) whose consent is not known yet; of the agency that sent it."""

    __tablename__ = "awaited"

    consent_id: Mapped[UUID]


class Referred(AgencyEntity):
    """A household that was referred for cash and accepted; `id` is the referral's."""

    __tablename__ = "referred"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    registered_by: Mapped[UUID]


class Enrolment(AgencyEntity):
    """A household in a programme. `collector` is the person who is paid; the profile has no names."""

    __tablename__ = "enrolment"

    programme_id: Mapped[UUID]
    referral_id: Mapped[UUID]
    household_id: Mapped[UUID]
    collector: Mapped[UUID]
    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    registered_by: Mapped[UUID]
    state: Mapped[str]
    profile: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    profile_version: Mapped[int | None]

    def end(self) -> None:
        """No new payments; what is due already stays due."""
        self.state = "consent_ended"

    def forget(self) -> None:
        """What is known of the household goes; that it was enrolled and paid stays, as the law of money asks."""
        self.end()
        self.profile = None

    def learn(self, profile: Profile) -> None:
        """The newest version stays, in whatever order they come."""
        if self.profile_version is None or profile.version > self.profile_version:
            self.profile, self.profile_version = profile.model_dump(mode="json"), profile.version
