from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity
from sqlalchemy import FetchedValue
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cash.targeting.enrolments.rules import Profile


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


class State(StrEnum):
    ENROLLED = "enrolled"
    CONSENT_ENDED = "consent_ended"


class Enrolment(AgencyEntity):
    """A household in a programme. `collector` is the person who is paid; the profile has no names.

    `version_told`: the newest version that intake spoke of. `refused`: intake does not let its profile be known.
    """

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
    version_told: Mapped[int | None]
    refused: Mapped[bool] = mapped_column(server_default=FetchedValue())

    def end(self) -> bool:
        """No new payments; what is due already stays due. Whether it was enrolled until now."""
        was_enrolled = self.state == State.ENROLLED
        self.state = State.CONSENT_ENDED
        return was_enrolled

    def forget(self) -> bool:
        """What is known of the household goes; that it was enrolled and paid stays, as the law of money asks."""
        self.profile = None
        return self.end()

    def is_behind(self, version: int) -> bool:
        """Notes that there is such a version; whether it has to be fetched."""
        self.version_told = max(version, self.version_told or 0)
        return self.state == State.ENROLLED and (self.profile_version or 0) < version

    def learn(self, profile: Profile | None) -> None:
        """The newest version stays, in whatever order they come; of who has left meanwhile nothing is learnt."""
        if self.state != State.ENROLLED:
            return
        self.refused = profile is None
        if profile is not None and profile.version > (self.profile_version or 0):
            self.profile, self.profile_version = profile.model_dump(mode="json"), profile.version
