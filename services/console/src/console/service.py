"""The service console, a front end: pages for people, which call the other services with each person's own token."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from console.accounts.sessions import jobs
from console.accounts.sessions.rate import page_caller
from console.pages import pages

service = Service(
    name="console",
    description="The pages that people use: front desk, referrals, inbox of a provider",
    routers=[],
    jobs=[jobs.jobs],
    has_events=False,
    pages=pages,
    page_caller=page_caller,
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
