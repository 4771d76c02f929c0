"""The intake service: people at the front desk, and what they let others know."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from intake import reactions
from intake.desk.guidance import routes as guidance
from intake.desk.needs import routes as needs
from intake.desk.procedures import routes as procedures
from intake.desk.visits import routes as visits
from intake.problems import CONSTRAINT_PROBLEMS
from intake.registry.access_log import jobs as access_jobs
from intake.registry.access_log import routes as access
from intake.registry.households import routes as households
from intake.registry.people import routes as people
from intake.registry.registrations import routes as registrations
from intake.registry.search import jobs as search_jobs
from intake.registry.search import routes as search
from intake.registry.timeline import routes as timeline
from intake.sharing.consents import jobs as consent_jobs
from intake.sharing.consents import routes as consents
from intake.sharing.packages import routes as packages
from intake.statistics.demand import routes as demand

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
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
