"""The problems of this service, and those that the constraints of its database mean."""

from __future__ import annotations

from collections.abc import Mapping

from solidary.language.problems import ActorNotAllowed, Conflict, Invalid, Problem, TransitionNotAllowed
from solidary.platform import external_ids


class OpenReferralExists(Conflict):
    """The person has an open referral to the same service."""

    slug, title = "open-referral-exists", "There is an open referral of this person to this service"
    action = "Follow that referral, or cancel it before you make another one."


class ReferralAlreadyReplaced(Conflict):
    """A rejected referral is replaced a second time."""

    slug, title = "referral-already-replaced", "This referral has already been replaced by another one"
    action = "Use the draft that replaces it; the list of sent referrals shows it."


class ConsentNotInForce(Conflict):
    """The consent of a referral has ended while the referral was sent."""

    slug, title = "consent-not-in-force", "There is no consent in force for this referral"
    action = (
        "Ask the person for a consent to this recipient, record it in intake, and send the referral again."
    )


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


class PublicationNeedsTwoPeople(Conflict):
    """A confidential service would become public by the act of one person."""

    slug, title = "publication-needs-two-people", "A confidential service becomes public by two people"
    action = "Request its publication with a reason, and let another directory editor confirm the request."


class OwnPublicationRequest(Conflict):
    """A person confirms their own request to publish a service."""

    slug, title = "own-publication-request", "You cannot confirm your own request"
    action = "Ask another directory editor of your agency to confirm it."


class NothingToConfirm(Conflict):
    """The publication of a service that is public, or a request that was confirmed before."""

    slug, title = "nothing-to-confirm", "The service is public already, or the request was confirmed before"
    action = "Read the service. Make a new request if it is confidential."


class NoFreePlaces(Conflict):
    """The service reported within the last two weeks that it is full, and has no waiting list."""

    slug, title = "no-free-places", "The service has no free places"
    action = "Ask the service, choose another one, or send the referral with `although_full`."


CONSTRAINT_PROBLEMS: Mapping[str, type[Problem]] = {
    **external_ids.CONSTRAINT_PROBLEMS,
    "referral_open_unique": OpenReferralExists,
    "referral_replacement_unique": ReferralAlreadyReplaced,
    "referral_transition": TransitionNotAllowed,
    "referral_actor": ActorNotAllowed,
    "referral_consent_in_force": ConsentNotInForce,
    "referral_unchanged_after_sending": SentReferralUnchangeable,
    "referral_complete_when_sent": ReferralIncomplete,
    "referral_rejection_reason_required": RejectionReasonRequired,
    "referral_failure_reason_required": FailureReasonRequired,
    "referral_outcome_required": OutcomeRequired,
    "referral_decision_unique": ReferralAlreadyDecided,
    "service_publication_by_two_people": PublicationNeedsTwoPeople,
    "publication_request_confirmed_by_another": OwnPublicationRequest,
    "publication_request_unchanged": NothingToConfirm,
    "published_service_not_confidential": ConfidentialServicePublished,
    "published_service_matches_entry": PublishedServiceDiffers,
}
"""The problem that each constraint of the database means, by the constraint's name."""
