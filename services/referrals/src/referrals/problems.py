"""The problems of this service, and those that the constraints of its database mean."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.problems import ActorNotAllowed, Conflict, Invalid, Problem, TransitionNotAllowed


class OpenReferralExists(Conflict):
    """The person has an open referral to the same service."""

    slug, title = "open-referral-exists", "There is an open referral of this person to this service"
    action = "Follow that referral, or cancel it before you make another one."


class ReferralAlreadyReplaced(Conflict):
    """A rejected referral is replaced a second time."""

    slug, title = "referral-already-replaced", "This referral has already been replaced by another one"
    action = "Use the draft that replaces it; the list of sent referrals shows it."


class ConsentNotInForce(Conflict):
    """The consent of a referral has been withdrawn, has expired, or is unknown."""

    slug, title = "consent-not-in-force", "There is no consent in force for this referral"
    action = (
        "Ask the person for a consent to this recipient, record it in intake, and send the referral again."
    )


class ReferralDiffersFromConsent(Conflict):
    """A referral names another person, recipient or package than its consent."""

    slug = "referral-differs-from-consent"
    title = "The consent is for another person, recipient or package"
    action = "Send the person, the package and a service of the recipient that the consent names."


class SentReferralUnchangeable(Conflict):
    """The content of a referral changes after it was sent."""

    slug, title = "sent-referral-unchangeable", "A referral that has been sent cannot be changed"
    action = "Cancel it and make a new referral."


class ReferralIncomplete(Invalid):
    """A referral is sent without its service, consent, package or receiver."""

    slug, title = "referral-incomplete", "A referral needs its service, its consent and its package"
    action = "Send all three."


class RejectionReasonRequired(Invalid):
    """A referral is rejected without a reason or without a comment."""

    slug, title = "rejection-reason-required", "A rejection needs a reason and a comment"
    action = "Send both, so that the sender knows what to do next."


class FailureReasonRequired(Invalid):
    """A referral fails without a reason."""

    slug, title = "failure-reason-required", "A failed referral needs a reason"
    action = "Send the reason."


class OutcomeRequired(Invalid):
    """A referral is completed without an outcome."""

    slug, title = "outcome-required", "A completed referral needs its outcome"
    action = "Send the outcome."


class ReferralAlreadyDecided(Conflict):
    """A referral is accepted or rejected a second time."""

    slug, title = "referral-already-decided", "This referral has already been accepted or rejected"
    action = "Read the referral, or your decision under /decisions."


class ConfidentialServicePublished(Conflict):
    """A confidential service would appear in the public directory."""

    slug, title = "confidential-service-published", "A confidential service is not published"
    action = "Share the service with single agencies instead."


class PublishedServiceDiffers(Conflict):
    """The public copy of a service would differ from its agency's entry in being confidential."""

    slug, title = "published-service-differs", "The public copy of a service must match its entry"
    action = "Send the entry again."


class NoFreePlaces(Conflict):
    """The service reported within the last two weeks that it is full, and has no waiting list."""

    slug, title = "no-free-places", "The service has no free places"
    action = "Ask the service, choose another one, or send the referral with `although_full`."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {
    "referral_open_unique": OpenReferralExists,
    "referral_replacement_unique": ReferralAlreadyReplaced,
    "referral_transition": TransitionNotAllowed,
    "referral_actor": ActorNotAllowed,
    "referral_consent_in_force": ConsentNotInForce,
    "referral_matches_consent": ReferralDiffersFromConsent,
    "referral_unchanged_after_sending": SentReferralUnchangeable,
    "referral_complete_when_sent": ReferralIncomplete,
    "referral_rejection_reason_required": RejectionReasonRequired,
    "referral_failure_reason_required": FailureReasonRequired,
    "referral_outcome_required": OutcomeRequired,
    "referral_decision_unique": ReferralAlreadyDecided,
    "published_service_not_confidential": ConfidentialServicePublished,
    "published_service_matches_entry": PublishedServiceDiffers,
}
"""The problem that each constraint of the database means, by the constraint's name."""
