"""The capabilities that a service declares."""

from __future__ import annotations

import sys

import pytest
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from solidary.files.command_line import CommandError
from solidary.platform.jobs import Jobs
from solidary.platform.service import Service
from solidary.platform.settings import Settings
from solidary.platform.web import public
from solidary_testing.servers import api_client

router = APIRouter(tags=["pages"])


@router.get("/", response_class=HTMLResponse)
@public
async def front_page() -> str:
    """Show the front page."""
    return "<h1>Bienvenida</h1>"


FRONT_END = Service(
    name="frontdoor",
    description="Pages without data of their own",
    routers=[router],
    has_database=False,
    has_events=False,
)


@pytest.fixture
def settings() -> Settings:
    return Settings.model_validate(
        {
            "country": "PA",
            "issuer": "http://127.0.0.1:9/realms/solidary",
            "jwks_url": "http://127.0.0.1:9/certs",
            "secret": "x" * 32,
        }
    )


async def test_service_without_a_database_serves_its_pages_and_is_ready(settings):
    async with api_client(FRONT_END.application(settings)) as client:
        page = await client.get("/")
        assert (page.status_code, page.text) == (200, "<h1>Bienvenida</h1>")
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


def test_service_without_a_database_has_no_long_work():
    paths = {route.path for route in FRONT_END.routes}
    assert paths == {"/", "/health/live", "/health/ready"}


def test_service_without_a_database_is_not_migrated(settings):
    with pytest.raises(CommandError, match="has no database"):
        FRONT_END.migrate("postgresql://nowhere")
    with pytest.raises(CommandError, match="has no database"):
        FRONT_END.database(settings)


def test_service_with_a_database_needs_its_setting(settings):
    service = Service(name="frontdoor", description="Pages with data", routers=[])
    with pytest.raises(CommandError, match="SOLIDARY_DATABASE_APP is not set"):
        service.database(settings)


@pytest.mark.parametrize(
    "declared",
    [
        {"has_database": False, "jobs": [Jobs()]},
        {"has_database": False, "reactions": [sys.modules[__name__]]},
        {"has_events": False, "projections": [sys.modules[__name__]]},
    ],
)
def test_capabilities_that_contradict_each_other_are_a_mistake(declared):
    with pytest.raises(ValueError, match="frontdoor"):
        Service(name="frontdoor", description="Nothing", routers=[], **declared)
