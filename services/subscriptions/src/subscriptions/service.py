"""The service subscriptions and its parts."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from subscriptions.feed.events import jobs as event_jobs
from subscriptions.feed.events import projection as events
from subscriptions.feed.events import routes as event_routes
from subscriptions.webhooks.deliveries import metrics as delivery_metrics
from subscriptions.webhooks.deliveries import routes as deliveries
from subscriptions.webhooks.deliveries.worker import deliver
from subscriptions.webhooks.endpoints import jobs as webhook_jobs
from subscriptions.webhooks.endpoints import routes as webhooks

service = Service(
    name="subscriptions",
    description="The events of all services that concern an agency: one feed, and signed webhooks",
    routers=[event_routes.router, webhooks.router, deliveries.router],
    projections=[events],
    jobs=[event_jobs.jobs, webhook_jobs.jobs],
    loops=[deliver],
    measurements=delivery_metrics.MEASUREMENTS,
    secrets=("webhook_keys",),
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
