"""The entities of enrolments."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from solidary.platform.database import AgencyEntity, Aggregate, RecordColumn, Updated, timestamp
from sqlalchemy import ARRAY, FetchedValue, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from cash.targeting.enrolments.rules import ENROLMENT, EnrolmentActor, EnrolmentState, PaymentFacts
from cash.targeting.profiles.records import ProfileRecord


class PendingReferral(AgencyEntity):
    """An accepted referral (`id`) that is not taken in yet; owned by the agency that sent it.

    `requested` is the time at which referrals was last asked about it.
    """

    __tablename__ = "pending_referral"

    requested: Mapped[timestamp] = mapped_column(server_default=FetchedValue())


class ReferredHousehold(Aggregate):
    """A household that was referred for cash and accepted, by `accepted_by`. `id` is the referral's."""

    __tablename__ = "referred_household"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    registered_by: Mapped[UUID]
    accepted_by: Mapped[UUID]


class Enrolment(Updated, Aggregate):
    """A household in a programme. `collector` is the person who is paid; the profile has no names.

    `makers` are the people who wrote what decides on its payments: identities, the household, the account, the
    consent; `enrolled_by`, and who accepted the referral, are makers too. `account_fingerprint` is equal for equal
    accounts.
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
    enrolled_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    makers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=FetchedValue())
    is_provisional: Mapped[bool] = mapped_column(server_default=FetchedValue())
    account_fingerprint: Mapped[str | None]
    account_changed: Mapped[timestamp | None]
    account_confirmed: Mapped[bool] = mapped_column(server_default=FetchedValue())
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
        """End the enrolment and delete the profile: no new payments, while what is due stays due.

        Return True where it was enrolled.
        """
        was_enrolled = self.is_enrolled
        self.profile = None
        if was_enrolled:
            self.state = ENROLMENT.apply(EnrolmentState(self.state), "end", (actor,))
        return was_enrolled

    def erase(self) -> bool:
        """Delete the profile and end the enrolment. Its payments stay, as the law on accounting requires."""
        self.payout_version = self.account_fingerprint = None
        return self.end(EnrolmentActor.ERASURE)

    def announce_version(self, version: int) -> bool:
        """Record that intake has this profile version. Return True where the profile must be fetched."""
        self.announced_version = max(version, self.announced_version or 0)
        return self.is_enrolled and (self.profile_version or 0) < version

    def update_profile(self, profile: ProfileRecord | None, facts: PaymentFacts | None) -> bool:
        """Keep a fetched profile (None: refused) unless a newer one is known or the enrolment has ended meanwhile.

        Return True where it was kept.
        """
        if not self.is_enrolled:
            return False
        self.profile_refused = profile is None
        if profile is None or facts is None or profile.profile_version < (self.profile_version or 0):
            return False
        self.profile = profile
        self.profile_version, self.payout_version = profile.profile_version, profile.payout_version
        self.makers = sorted({*self.makers, *facts.makers})
        self.is_provisional = facts.is_provisional
        self.account_fingerprint = facts.account_fingerprint
        self.account_changed, self.account_confirmed = facts.account_changed, facts.account_confirmed
        return True


class HouseholdToken(AgencyEntity):
    """A keyed token of a person of an enrolled household. Its root is the enrolment."""

    __tablename__ = "household_token"

    token: Mapped[str]
