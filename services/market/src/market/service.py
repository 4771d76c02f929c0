"""The market service, wired."""

from __future__ import annotations

from fastapi import FastAPI
from solidary.service import Service
from solidary.settings import Settings

from market import reactions
from market.assessments import routes as assessments

service = Service(
    name="market",
    about="Rapid market assessments, led with municipalities, that end in lines of a territorial plan.",
    routers=[assessments.router],
    reactions=[reactions],
    refusals={"uq_sector_ciiu": "this sector is recorded in this assessment already"},
)


def application() -> FastAPI:
    return service.application(Settings())
