"""What referrals tells. A confidential service's id is never in an event, nor the agency that runs it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from solidary.language.events.event import Event

Receiver = Annotated[UUID | None, Field(description="Left out when the service is confidential")]


class ReferralRequested(Event, name="referrals.referral.requested", key="referral_id"):
    """A referral went out to a service's agency."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    purpose: Literal["service", "cash"] = "service"
    service_id: UUID | None = Field(default=None, description="Left out when the service is confidential")
    due_at: datetime | None = None


class ReferralAccepted(Event, name="referrals.referral.accepted", key="referral_id"):
    """The receiver took the referral on. On a cash referral, cash enrols the household."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    purpose: Literal["service", "cash"] = "service"
    service_id: UUID | None = None
    household_id: UUID | None = Field(default=None, description="On a cash referral: whom cash enrols")
    consent_id: UUID | None = Field(default=None, description="On a cash referral")
    package_id: UUID | None = Field(
        default=None, description="On a cash referral: what the receiver may fetch"
    )


class ReferralStarted(Event, name="referrals.referral.started", key="referral_id"):
    """The receiver has begun, or goes on after a wait."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None


class ReferralHeld(Event, name="referrals.referral.held", key="referral_id"):
    """The person waits: the receiver put the referral on hold."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None


class ReferralRejected(Event, name="referrals.referral.rejected", key="referral_id"):
    """The receiver declined, and said why."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["no_capacity"])


class ReferralCompleted(Event, name="referrals.referral.completed", key="referral_id"):
    """The loop is closed."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    outcome: str = Field(examples=["service_provided"])


class ReferralFailed(Event, name="referrals.referral.failed", key="referral_id"):
    """What had begun could not be brought to its end."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["unreachable"])


class ReferralCancelled(Event, name="referrals.referral.cancelled", key="referral_id"):
    """The referral ended before an answer: by its sender, or because the consent was withdrawn."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["consent_withdrawn"])


class ReferralOverdue(Event, name="referrals.referral.overdue", key="referral_id"):
    """Its urgency's time has passed without an answer."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    due_at: datetime


class CapacityChanged(Event, name="referrals.service.capacity_changed", key="service_id"):
    """A public service's free places, as its provider last said."""

    service_id: UUID
    category: str
    area: str
    available: int = Field(ge=0)


class ServiceGapCounted(Event, name="referrals.service_gap.counted", key="report_id"):
    """How often no service answered, by area and category, k or more."""

    report_id: UUID
    area: str
    category: str
    count: int = Field(ge=1)
