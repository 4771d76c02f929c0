"""The planning service, wired."""

from __future__ import annotations

from fastapi import FastAPI
from solidary import operations
from solidary.service import Service

from planning import reactions
from planning.actions import routes as actions
from planning.ballots import routes as ballots
from planning.budget import jobs as budget_jobs
from planning.budget import routes as budget
from planning.demand import counts
from planning.demand import routes as demand
from planning.plans import routes as plans
from planning.territory import jobs as territory_jobs
from planning.territory import routes as territory

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
    refusals={"costs_stay": "costs are frozen once they are published"},
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
