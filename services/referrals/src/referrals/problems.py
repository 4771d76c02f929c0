"""The problems that constraints of the referrals database mean, by constraint."""

from __future__ import annotations

from solidary.language.problems import Conflict, Problem


class ReferralOpen(Conflict):
    """There is an open referral of this person to this service."""

    slug = "referral-open"
    title = "There is an open referral of this person to this service"


class ReferralReplacedOnce(Conflict):
    """Another referral stands in the place of that one already."""

    slug = "referral-replaced-once"
    title = "Another referral stands in the place of that one already"


class ReferralWay(Conflict):
    """A referral does not go from its state to that one."""

    slug = "referral-way"
    title = "A referral does not go from its state to that one"


class ReferralSide(Conflict):
    """The other side of the referral leads it there."""

    slug = "referral-side"
    title = "The other side of the referral leads it there"


class ReferralConsentInForce(Conflict):
    """There is no consent in force for it."""

    slug = "referral-consent-in-force"
    title = "There is no consent in force for it"


class ReferralAsConsented(Conflict):
    """The consent names another person, agency or package."""

    slug = "referral-as-consented"
    title = "The consent names another person, agency or package"


class ReferralStaysAsSent(Conflict):
    """What was sent stays as it was sent."""

    slug = "referral-stays-as-sent"
    title = "What was sent stays as it was sent"


class ReferralSentWhole(Conflict):
    """A referral is sent with its service, its consent and its package."""

    slug = "referral-sent-whole"
    title = "A referral is sent with its service, its consent and its package"


class ReferralRejectionSaysWhy(Conflict):
    """A rejection says why: a reason and a comment."""

    slug = "referral-rejection-says-why"
    title = "A rejection says why: a reason and a comment"


class ReferralFailureSaysWhy(Conflict):
    """A failure says why."""

    slug = "referral-failure-says-why"
    title = "A failure says why"


class ReferralCompletionSaysWhat(Conflict):
    """A completion says what came of it."""

    slug = "referral-completion-says-what"
    title = "A completion says what came of it"


class DecisionOnce(Conflict):
    """A referral is answered once."""

    slug = "decision-once"
    title = "A referral is answered once"


class PublishedNotConfidential(Conflict):
    """A confidential service is not published."""

    slug = "published-not-confidential"
    title = "A confidential service is not published"


class PublishedAsOwned(Conflict):
    """What is published is as its agency keeps it."""

    slug = "published-as-owned"
    title = "What is published is as its agency keeps it"


CONSTRAINT_PROBLEMS: dict[str, type[Problem]] = {
    "referral_open": ReferralOpen,
    "referral_replaced_once": ReferralReplacedOnce,
    "referral_way": ReferralWay,
    "referral_side": ReferralSide,
    "referral_consent_in_force": ReferralConsentInForce,
    "referral_as_consented": ReferralAsConsented,
    "referral_stays_as_sent": ReferralStaysAsSent,
    "referral_sent_whole": ReferralSentWhole,
    "referral_rejection_says_why": ReferralRejectionSaysWhy,
    "referral_failure_says_why": ReferralFailureSaysWhy,
    "referral_completion_says_what": ReferralCompletionSaysWhat,
    "decision_once": DecisionOnce,
    "published_not_confidential": PublishedNotConfidential,
    "published_as_owned": PublishedAsOwned,
}
