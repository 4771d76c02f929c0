"""The service subscriptions and its parts."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from subscriptions.feed.events import jobs as event_jobs
from subscriptions.feed.events import projection as events
from subscriptions.feed.events import routes as event_routes

service = Service(
    name="subscriptions",
    description="The events of all services that concern an agency: one feed, and signed webhooks",
    routers=[event_routes.router],
    projections=[events],
    jobs=[event_jobs.jobs],
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
