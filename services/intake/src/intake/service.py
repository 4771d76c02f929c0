"""The intake service: people at the front desk, and what they let others know."""

from __future__ import annotations

from fastapi import FastAPI
from solidary import operations
from solidary.service import Service

from intake import reactions
from intake.access import jobs as access_jobs
from intake.access import routes as access
from intake.consents import jobs as consent_jobs
from intake.consents import routes as consents
from intake.demand import routes as demand
from intake.guidance import routes as guidance
from intake.households import routes as households
from intake.needs import routes as needs
from intake.packages import routes as packages
from intake.people import routes as people
from intake.procedures import routes as procedures
from intake.registrations import routes as registrations
from intake.search import jobs as search_jobs
from intake.search import routes as search
from intake.timeline import routes as timeline
from intake.visits import routes as visits

service = Service(
    name="intake",
    about="People at the front desk: registration, needs, guidance, procedures, consent",
    routers=[
        search.router,
        registrations.router,
        people.router,
        households.router,
        visits.router,
        needs.router,
        guidance.router,
        procedures.router,
        consents.router,
        packages.router,
        timeline.router,
        demand.router,
        access.router,
    ],
    reactions=[reactions],
    jobs=[access_jobs.jobs, consent_jobs.jobs, search_jobs.jobs],
    refusals={
        "demand_report_period": "this month is published; what is published is not counted again",
        "need_open": "this need is recorded for this person and still open",
        "procedure_open": "this person is on this route already",
    },
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
