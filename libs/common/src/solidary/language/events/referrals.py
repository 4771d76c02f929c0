"""Events of referrals. No event has the id of a confidential service, nor of the agency that runs it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from solidary.language.events.event import Event

Receiver = Annotated[UUID | None, Field(description="Left out when the service is confidential.")]


class ReferralRequested(Event, name="referrals.referral.requested", key="referral_id"):
    """A referral was sent to the agency of a service."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    purpose: Literal["service", "cash"] = "service"
    service_id: UUID | None = Field(default=None, description="Left out when the service is confidential.")
    due_at: datetime | None = None


class ReferralAccepted(Event, name="referrals.referral.accepted", key="referral_id"):
    """The receiver accepted the referral. After a cash referral, cash enrols the household."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    purpose: Literal["service", "cash"] = "service"
    service_id: UUID | None = None
    household_id: UUID | None = Field(
        default=None, description="On a cash referral, the household that cash enrols."
    )
    consent_id: UUID | None = Field(
        default=None, description="On a cash referral, the consent under which cash acts."
    )
    package_id: UUID | None = Field(
        default=None, description="On a cash referral, the package that the receiver may fetch."
    )


class ReferralStarted(Event, name="referrals.referral.started", key="referral_id"):
    """The receiver started to work on the referral, or resumed it after a hold."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None


class ReferralHeld(Event, name="referrals.referral.held", key="referral_id"):
    """The receiver put the referral on hold."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None


class ReferralRejected(Event, name="referrals.referral.rejected", key="referral_id"):
    """The receiver rejected the referral, for the stated reason."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["no_capacity"])


class ReferralCompleted(Event, name="referrals.referral.completed", key="referral_id"):
    """The referral was completed with an outcome."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    outcome: str = Field(examples=["service_provided"])


class ReferralFailed(Event, name="referrals.referral.failed", key="referral_id"):
    """A started referral could not be completed."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["unreachable"])


class ReferralCancelled(Event, name="referrals.referral.cancelled", key="referral_id"):
    """The referral was cancelled, by its sender or because its consent ended."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    reason: str = Field(examples=["consent_withdrawn"])


class ReferralOverdue(Event, name="referrals.referral.overdue", key="referral_id"):
    """The time that the referral's urgency allows has passed without an answer."""

    referral_id: UUID
    person_id: UUID
    sender: UUID
    receiver: Receiver = None
    due_at: datetime


class CapacityChanged(Event, name="referrals.service.capacity_changed", key="service_id"):
    """The provider of a public service stated how many places are free."""

    service_id: UUID
    category: str
    area: str
    available: int = Field(ge=0)
