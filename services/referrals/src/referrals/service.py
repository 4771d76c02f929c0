"""The referrals service: the service directory, and referrals from one agency to another."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from referrals import reactions
from referrals.casework.external_ids import routes as external_ids
from referrals.casework.referrals import metrics, overdue, replacement
from referrals.casework.referrals import routes as referrals
from referrals.directory.agencies import routes as agencies
from referrals.directory.imports import jobs as import_jobs
from referrals.directory.imports import routes as imports
from referrals.directory.publication import routes as publication
from referrals.directory.publication_requests import routes as publication_requests
from referrals.directory.services import routes as directory
from referrals.directory.suggestions import routes as suggestions
from referrals.problems import CONSTRAINT_PROBLEMS

service = Service(
    name="referrals",
    description="The directory of services, and referrals from one agency to another until the loop is closed",
    routers=[
        publication.router,
        publication_requests.router,
        agencies.router,
        directory.router,
        imports.router,
        imports.reports,
        suggestions.router,
        referrals.router,
        external_ids.router,
    ],
    reactions=[reactions],
    jobs=[import_jobs.jobs, overdue.jobs, replacement.jobs],
    measurements=metrics.MEASUREMENTS,
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
