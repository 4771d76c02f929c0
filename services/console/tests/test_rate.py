"""The people of an office share an address, and each has a rate of their own; without a login the address has one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from console.accounts.sessions.cookies import session_cookie
from console.accounts.sessions.rules import new_cookie
from solidary.platform.service import Service
from solidary.platform.settings import Settings
from solidary_testing.servers import TestDatabase, api_client, settings_for
from stack.run_file import Run

FORWARDED = {"X-Forwarded-For": "203.0.113.8", "X-Forwarded-Proto": "http"}
RATE = 5


@pytest.fixture
def settings(run: Run, service: Service, service_database: TestDatabase) -> Settings:
    return settings_for(run, service_database, service.name, rate_limit=f"{RATE}/hour", peers={})


@pytest.fixture
async def office(service: Service, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Browsers behind one address."""
    async with api_client(service.application(settings)) as client:
        client.headers.update(FORWARDED)
        yield client


async def statuses(office: httpx.AsyncClient, cookies: list[str], name: str, path: str) -> list[int]:
    return [
        (await office.get(path, headers={"Cookie": f"{name}={cookie}"})).status_code for cookie in cookies
    ]


async def test_each_session_of_an_office_has_its_own_rate(office, settings):
    name = session_cookie(settings)
    for cookie in (new_cookie(settings.request_secret) for _ in range(3)):
        found = await statuses(office, [cookie] * (RATE + 1), name, "/search")
        assert found == [303] * RATE + [429]


@pytest.mark.parametrize("path", ["/search", "/", "/locked"])
async def test_invented_cookies_share_the_rate_of_their_address(office, settings, path):
    invented = [
        new_cookie(b"of somebody else" * 2) if place % 2 else str(uuid4()) for place in range(RATE + 1)
    ]
    assert (await statuses(office, invented, session_cookie(settings), path))[-1] == 429


async def test_logins_count_by_address_with_any_cookie(office, settings):
    cookies = [new_cookie(settings.request_secret) for _ in range(RATE + 1)]
    found = await statuses(office, cookies, session_cookie(settings), "/login")
    assert found == [303] * RATE + [429]
