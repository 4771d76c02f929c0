"""The referral, its history of steps, and the receiver's decision."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from solidary.language.codes.urgency import Urgency
from solidary.platform.database import AgencyEntity, Aggregate, Updated, timestamp
from sqlalchemy.orm import Mapped, mapped_column

from referrals.casework.consents.intake import ConsentTerms
from referrals.casework.referrals.rules import OPEN_STATES, REFERRAL_TRANSITIONS, Party, ReferralState
from referrals.directory.services.models import EntryColumns


class Referral(Updated, Aggregate):
    """A referral. `agency` is the sender; the receiver sees it through a share until it ends.

    It has ids and codes of the case only. What the receiver may know of the person stays in intake.
    """

    __tablename__ = "referral"
    __location__ = "/referrals/{id}"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    consent_id: Mapped[UUID | None]
    package_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    receiver: Mapped[UUID | None]
    confidential: Mapped[bool] = mapped_column(default=False)
    purpose: Mapped[str]
    urgency: Mapped[str]
    state: Mapped[str]
    requested_at: Mapped[timestamp | None]
    due_at: Mapped[timestamp | None]
    overdue_at: Mapped[timestamp | None]
    answered_at: Mapped[timestamp | None]
    ended_at: Mapped[timestamp | None]
    reason: Mapped[str | None]
    comment: Mapped[str | None]
    outcome: Mapped[str | None]
    replaces: Mapped[UUID | None]
    erased_at: Mapped[timestamp | None]

    @classmethod
    def draft(
        cls,
        *,
        agency: UUID,
        person_id: UUID,
        purpose: str,
        urgency: str,
        replaces: UUID | None = None,
    ) -> Referral:
        """Return a draft, which has no service and no consent yet."""
        return cls(
            agency=agency,
            person_id=person_id,
            purpose=purpose,
            urgency=urgency,
            state=ReferralState.DRAFT,
            confidential=False,
            replaces=replaces,
        )

    def replacement(self) -> Referral:
        """Return a draft that replaces this referral. Its receiver needs a consent of its own."""
        return Referral.draft(
            agency=self.agency,
            person_id=self.person_id,
            purpose=self.purpose,
            urgency=self.urgency,
            replaces=self.id,
        )

    def send(self, service: EntryColumns, consent: ConsentTerms, at: datetime) -> None:
        """Send the referral to the agency of a service; the urgency decides when the answer is due."""
        self.transition("send", {Party.SENDER}, at)
        self.consent_id, self.package_id = consent.consent_id, consent.package_id
        self.household_id, self.receiver = consent.household_id, consent.recipient
        self.service_id, self.confidential = service.id, service.confidential
        self.requested_at, self.due_at = at, Urgency(self.urgency).due(at)

    def transition(self, step: str, actors: Set[Party], at: datetime) -> None:
        """Take a step of the table of states. Raises TransitionNotAllowed, ActorNotAllowed."""
        state = REFERRAL_TRANSITIONS.apply(ReferralState(self.state), step, actors)
        self.state = state
        if state in (ReferralState.ACCEPTED, ReferralState.REJECTED):
            self.answered_at = at
        if state not in OPEN_STATES:
            self.ended_at = at

    def roles_of(self, agency: UUID) -> set[Party]:
        """Return the roles of an agency: both, where it refers to a service of its own."""
        agencies = {Party.SENDER: self.agency, Party.RECEIVER: self.receiver}
        return {party for party, each in agencies.items() if each == agency}

    @property
    def parties(self) -> list[UUID]:
        """The agencies whose feeds show its events, beside the sender's."""
        return [self.receiver] if self.receiver else []


class ReferralStep(AgencyEntity):
    """One change of a referral's state, with its author and its code. Append-only."""

    __tablename__ = "referral_step"

    from_state: Mapped[str | None]
    to_state: Mapped[str]
    code: Mapped[str | None]
    by_agency: Mapped[UUID]
    by_subject: Mapped[UUID]


class ReferralDecision(Aggregate):
    """The receiver's own record of its decision, without any fact about the person. Append-only."""

    __tablename__ = "referral_decision"
    __location__ = "/decisions/{id}"

    referral_id: Mapped[UUID]
    answer: Mapped[str]
    reason: Mapped[str | None]
