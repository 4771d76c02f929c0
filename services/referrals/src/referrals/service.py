"""The referrals service: the directory, and a referral's way until the loop is closed."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from referrals import reactions
from referrals.casework.referrals import overdue, rerouting
from referrals.casework.referrals import routes as referrals
from referrals.directory.publication import routes as publication
from referrals.directory.services import routes as directory
from referrals.directory.suggestions import routes as suggestion

service = Service(
    name="referrals",
    about="The directory of services, and a referral's way until the loop is closed",
    routers=[publication.router, directory.router, suggestion.router, referrals.router],
    reactions=[reactions],
    jobs=[overdue.jobs, rerouting.jobs],
    constraint_messages={
        "referral_open": "there is an open referral of this person to this service",
        "referral_replaced_once": "another referral stands in the place of that one already",
        "referral_way": "a referral does not go from its state to that one",
        "referral_side": "the other side of the referral leads it there",
        "referral_consent_in_force": "there is no consent in force for it",
        "referral_as_consented": "the consent names another person, agency or package",
        "referral_stays_as_sent": "what was sent stays as it was sent",
        "referral_sent_whole": "a referral is sent with its service, its consent and its package",
        "referral_rejection_says_why": "a rejection says why: a reason and a comment",
        "referral_failure_says_why": "a failure says why",
        "referral_completion_says_what": "a completion says what came of it",
        "decision_once": "a referral is answered once",
        "published_not_confidential": "a confidential service is not published",
        "published_as_owned": "what is published is as its agency keeps it",
    },
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
