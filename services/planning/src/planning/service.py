"""The planning service and its parts."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from planning import reactions
from planning.budget.allocations import jobs as allocation_jobs
from planning.budget.allocations import routes as allocations
from planning.budget.validation import routes as validation
from planning.participation.actions import routes as actions
from planning.participation.ballots import routes as ballots
from planning.participation.diagnosis import routes as diagnosis
from planning.participation.needs import routes as needs
from planning.participation.plans import routes as plans
from planning.participation.polling import routes as polling
from planning.participation.publication import routes as publication
from planning.participation.steps import routes as steps
from planning.problems import CONSTRAINT_PROBLEMS
from planning.territory.cities import jobs as city_jobs
from planning.territory.cities import routes as cities
from planning.territory.demand import projection as demand
from planning.territory.tius import routes as tius

service = Service(
    name="planning",
    description="A city's territory, and inclusion plans: diagnosis, needs, actions, ballots, budget, validation.",
    routers=[
        cities.router,
        tius.router,
        plans.router,
        diagnosis.router,
        needs.router,
        actions.router,
        polling.router,
        ballots.router,
        steps.router,
        publication.router,
        allocations.router,
        validation.router,
    ],
    reactions=[reactions],
    projections=[demand],
    jobs=[allocation_jobs.jobs, city_jobs.jobs],
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
