"""The planning service, wired."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from planning import reactions
from planning.budget.allocations import jobs as budget_jobs
from planning.budget.allocations import routes as budget
from planning.participation.actions import routes as actions
from planning.participation.ballots import routes as ballots
from planning.participation.plans import routes as plans
from planning.problems import CONSTRAINT_PROBLEMS
from planning.territory.demand import counts
from planning.territory.demand import routes as demand
from planning.territory.units import jobs as territory_jobs
from planning.territory.units import routes as territory

service = Service(
    name="planning",
    about="A city's territory, and inclusion plans: diagnosis, needs, actions, ballots, budget, validation.",
    routers=[
        territory.router,
        plans.router,
        actions.router,
        ballots.router,
        budget.router,
        demand.router,
    ],
    reactions=[reactions],
    projections=[counts],
    jobs=[budget_jobs.jobs, territory_jobs.jobs],
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
