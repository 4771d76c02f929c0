"""The market service, wired."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.platform import operations
from solidary.platform.service import Service

from market import reactions
from market.assessments import routes as assessments
from market.problems import CONSTRAINT_PROBLEMS

service = Service(
    name="market",
    about="Rapid market assessments, led with municipalities, that end in lines of a territorial plan.",
    routers=[assessments.router],
    reactions=[reactions],
    constraint_problems=CONSTRAINT_PROBLEMS,
)


def application() -> FastAPI:
    """The API of a process; `api --reload` starts it anew."""
    return operations.application(service)
