"""The entities of enrolments."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import Aggregate, RecordColumn, timestamp
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from cash.targeting.enrolments.rules import ENROLMENT, EnrolmentActor, EnrolmentState
from cash.targeting.profiles.records import ProfileRecord


class PendingReferral(Aggregate):
    """An accepted cash referral (`id`) whose consent has not arrived yet; owned by the agency that sent it."""

    __tablename__ = "pending_referral"

    consent_id: Mapped[UUID]


class ReferredHousehold(Aggregate):
    """A household that was referred for cash and accepted. `id` is the referral's."""

    __tablename__ = "referred_household"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    registered_by: Mapped[UUID]


class Enrolment(Aggregate):
    """A household in a programme. `collector` is the person who is paid; the profile has no names.

    `announced_version` is the newest profile version that intake has published. `profile_refused`: the consent does
    not give access to the profile. `profile_requested` is the time at which a timer last asked for it again.
    """

    __tablename__ = "enrolment"
    __location__: ClassVar = "/enrolments/{id}"

    programme_id: Mapped[UUID]
    referral_id: Mapped[UUID]
    household_id: Mapped[UUID]
    collector: Mapped[UUID]
    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    registered_by: Mapped[UUID]
    state: Mapped[str]
    profile: Mapped[ProfileRecord | None] = mapped_column(RecordColumn(ProfileRecord))
    profile_version: Mapped[int | None]
    payout_version: Mapped[int | None]
    announced_version: Mapped[int | None]
    profile_refused: Mapped[bool] = mapped_column(server_default=FetchedValue())
    profile_requested: Mapped[timestamp | None] = mapped_column(server_default=FetchedValue())

    @property
    def is_enrolled(self) -> bool:
        return self.state == EnrolmentState.ENROLLED

    def end(self, actor: EnrolmentActor = EnrolmentActor.CONSENT) -> bool:
        """End the enrolment: no new payments, while what is due stays due. Return True where it was enrolled."""
        was_enrolled = self.is_enrolled
        if was_enrolled:
            self.state = ENROLMENT.apply(EnrolmentState(self.state), "end", (actor,))
        return was_enrolled

    def erase(self) -> bool:
        """Delete the profile and end the enrolment. Its payments stay, as the law on accounting requires."""
        self.profile = self.payout_version = None
        return self.end(EnrolmentActor.ERASURE)

    def announce_version(self, version: int) -> bool:
        """Record that intake has this profile version. Return True where the profile must be fetched."""
        self.announced_version = max(version, self.announced_version or 0)
        return self.is_enrolled and (self.profile_version or 0) < version

    def update_profile(self, profile: ProfileRecord | None) -> None:
        """Keep a fetched profile (None: refused) unless a newer one is known or the enrolment has ended meanwhile."""
        if not self.is_enrolled:
            return
        self.profile_refused = profile is None
        if profile is not None and profile.profile_version > (self.profile_version or 0):
            self.profile = profile
            self.profile_version, self.payout_version = profile.profile_version, profile.payout_version
