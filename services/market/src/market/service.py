"""The market service and its parts."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from market import reactions
from market.plan.lines import routes as plan_lines
from market.problems import CONSTRAINT_PROBLEMS
from market.study.assessments import routes as assessments
from market.study.findings import routes as findings

service = Service(
    name="market",
    description="Rapid market assessments, led together with municipalities, and the lines that they propose for "
    "territorial plans.",
    routers=[assessments.router, findings.router, plan_lines.router],
    reactions=[reactions],
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """Return the API of this process; `api --reload` calls it after each change of the code."""
    return operations.application(service)
