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
from referrals.problems import CONSTRAINT_PROBLEMS

service = Service(
    name="referrals",
    description="The directory of services, and a referral's way until the loop is closed",
    routers=[publication.router, directory.router, suggestion.router, referrals.router],
    reactions=[reactions],
    jobs=[overdue.jobs, rerouting.jobs],
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
