"""A page reports that a service does not answer, stands without it where it can, and keeps what was entered."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from console.accounts.sessions.cookies import session_cookie
from console.accounts.sessions.records import PageSession
from console.accounts.sessions.store import SessionStore
from solidary.platform.database import Database
from solidary.platform.identity import Duty
from solidary.platform.service import Service
from solidary_testing.servers import TestDatabase, api_client, settings_for
from solidary_testing.tokens import Tokens
from stack.run_file import Run

SILENT = "http://127.0.0.1:9"
FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}


@pytest.fixture
async def browser(
    run: Run, service: Service, service_database: TestDatabase, database: Database, tokens: Tokens
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an officer and provider is logged in, at a console whose services are all silent."""
    peers = dict.fromkeys(("intake", "referrals"), SILENT)
    settings = settings_for(run, service_database, service.name, peers=peers)
    token = tokens.of("unhcr", Duty.FRONT_DESK, Duty.PROVIDER)["Authorization"].removeprefix("Bearer ")
    content = PageSession(access_token=token, refresh_token="", expires=time.time() + 600, name="Ana")
    cookie = await SessionStore(database, settings.request_secret).create(uuid4(), content)
    async with api_client(service.application(settings)) as client:
        client.headers.update(FORWARDED | {"Accept-Language": "es"})
        client.cookies.set(session_cookie(settings), cookie)
        yield client


async def test_start_page_stands_without_services(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert page.status_code == 200
    assert page.text.count("La lista no está disponible en este momento.") == 7


async def test_form_is_kept_while_its_service_is_silent(browser: httpx.AsyncClient) -> None:
    form = await browser.get("/search")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', form.text)
    assert token
    entries = {
        "csrf": token[1],
        "given_name": "Ana María",
        "born-day": "27",
        "born-month": "3",
        "born-year": "1990",
    }
    page = await browser.post("/search", data=entries)
    assert "Un servicio no responde en este momento" in page.text
    for value in ("Ana María", "27", "3", "1990"):
        assert f'value="{value}"' in page.text


async def test_page_of_a_silent_service_names_the_trouble(browser: httpx.AsyncClient) -> None:
    for path in (
        "/people/00000000-0000-4000-8000-000000000000",
        "/inbox",
        "/referrals",
        "/people",
        "/needs/file",
    ):
        page = await browser.get(path)
        assert page.status_code == 503
        assert "Un servicio no responde en este momento" in page.text
