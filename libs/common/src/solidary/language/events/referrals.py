"""Events of referrals: the id of a referral and what happened to it, nothing else.

They name neither the person nor the receiver, neither the service nor the urgency. Sender and receiver find the
referral in their feeds, and read it with their own tokens. Intake knows the person by the referral's id, under which
the consent was used.
"""

from __future__ import annotations

from uuid import UUID

from solidary.language.events.event import Audience, Event


class ReferralRequested(
    Event, name="referrals.referral.requested", key="referral_id", audience=Audience.CASES
):
    """A referral was sent."""

    referral_id: UUID


class ReferralAccepted(Event, name="referrals.referral.accepted", key="referral_id", audience=Audience.CASES):
    """The receiver accepted the referral. Cash asks referrals whether it is one for cash."""

    referral_id: UUID


class ReferralStarted(Event, name="referrals.referral.started", key="referral_id", audience=Audience.CASES):
    """The receiver started to work on the referral, or resumed it after a hold."""

    referral_id: UUID


class ReferralHeld(Event, name="referrals.referral.held", key="referral_id", audience=Audience.CASES):
    """The receiver put the referral on hold."""

    referral_id: UUID


class ReferralRejected(Event, name="referrals.referral.rejected", key="referral_id", audience=Audience.CASES):
    """The receiver rejected the referral."""

    referral_id: UUID


class ReferralCompleted(
    Event, name="referrals.referral.completed", key="referral_id", audience=Audience.CASES
):
    """The referral was completed with an outcome."""

    referral_id: UUID


class ReferralFailed(Event, name="referrals.referral.failed", key="referral_id", audience=Audience.CASES):
    """A started referral could not be completed."""

    referral_id: UUID


class ReferralCancelled(
    Event, name="referrals.referral.cancelled", key="referral_id", audience=Audience.CASES
):
    """The referral was cancelled, by its sender or because its consent ended."""

    referral_id: UUID


class ReferralOverdue(Event, name="referrals.referral.overdue", key="referral_id", audience=Audience.PARTIES):
    """The time that the referral's urgency allows has passed without an answer.

    Only the feeds of sender and receiver have it: its time would disclose the urgency.
    """

    referral_id: UUID
