from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from solidary.language.codes.urgency import Urgency
from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy.orm import Mapped

from referrals.casework.consents.models import KnownConsent
from referrals.casework.referrals import rules
from referrals.casework.referrals.rules import Side, State
from referrals.directory.services.models import Entry


@dataclass(frozen=True)
class Preview:
    """All that the receiver sees before accepting: coded, and of nobody in particular."""

    need: str | None
    age_band: str | None = None
    language: str | None = None


class Referral(AgencyEntity):
    """`agency` is the sender, who always sees it; the receiver sees it by a share while it is on its way."""

    __tablename__ = "referral"

    person_id: Mapped[UUID]
    household_id: Mapped[UUID | None]
    consent_id: Mapped[UUID | None]
    package_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    receiver: Mapped[UUID | None]
    confidential: Mapped[bool]
    purpose: Mapped[str]
    urgency: Mapped[str]
    need: Mapped[str | None]
    age_band: Mapped[str | None]
    language: Mapped[str | None]
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
    forgotten: Mapped[timestamp | None]

    @classmethod
    def draft(
        cls,
        *,
        agency: UUID,
        person_id: UUID,
        purpose: str,
        urgency: str,
        preview: Preview,
        replaces: UUID | None = None,
    ) -> Referral:
        """What is not sent yet: no service, no consent."""
        id_ = uuid4()
        return cls(
            id=id_,
            root=id_,
            agency=agency,
            person_id=person_id,
            purpose=purpose,
            urgency=urgency,
            need=preview.need,
            age_band=preview.age_band,
            language=preview.language,
            state=State.DRAFT,
            confidential=False,
            replaces=replaces,
        )

    def rerouted(self) -> Referral:
        """A draft in this one's place. Its new receiver needs a consent of its own."""
        return Referral.draft(
            agency=self.agency,
            person_id=self.person_id,
            purpose=self.purpose,
            urgency=self.urgency,
            preview=self.preview,
            replaces=self.id,
        )

    def request(self, service: Entry, consent: KnownConsent, at: datetime) -> None:
        """Goes out to the service's agency, under the consent; the answer is due by its urgency."""
        self.state = rules.move(State(self.state), State.REQUESTED, {Side.SENDER})
        self.consent_id, self.package_id = consent.id, consent.package_id
        self.household_id, self.receiver = consent.household_id, consent.recipient
        self.service_id, self.confidential = service.id, service.confidential
        self.requested_at, self.due_at = at, Urgency(self.urgency).due(at)

    def lead(self, to: State, by: Set[Side], at: datetime) -> None:
        """Into any later state. Raises NotAllowed."""
        self.state = rules.move(State(self.state), to, by)
        if to in (State.ACCEPTED, State.REJECTED):
            self.answered_at = at
        if to not in rules.OPEN:
            self.ended_at = at

    def sides(self, agency: UUID) -> set[Side]:
        """On which sides an agency stands; on both, where it refers to a service of its own."""
        standing = {Side.SENDER: self.agency, Side.RECEIVER: self.receiver}
        return {side for side, whose in standing.items() if whose == agency}

    @property
    def preview(self) -> Preview:
        return Preview(self.need, self.age_band, self.language)

    @property
    def parties(self) -> list[UUID]:
        """Who hears of it beside its sender. The agency of a confidential service stands in no event."""
        return [self.receiver] if self.receiver and not self.confidential else []

    @property
    def told(self) -> dict[str, Any]:
        """What each of its events says."""
        return {
            "referral_id": self.id,
            "person_id": self.person_id,
            "sender": self.agency,
            "receiver": None if self.confidential else self.receiver,
        }


class Step(AgencyEntity):
    """One change of state: when, by whom, with which code. Append-only."""

    __tablename__ = "referral_step"

    from_state: Mapped[str | None]
    to_state: Mapped[str]
    code: Mapped[str | None]
    by_agency: Mapped[UUID]
    by_subject: Mapped[UUID]


class Decision(AgencyEntity):
    """The receiver's own record of its answer; says nothing of the person. Append-only."""

    __tablename__ = "referral_decision"

    referral_id: Mapped[UUID]
    answer: Mapped[str]
    reason: Mapped[str | None]
