"""Limits on one caller's requests: the definition of a caller, and the counter."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sample_service import sample_application
from solidary.platform.identity import Duty
from solidary.platform.settings import Rate
from solidary.platform.web import public, public_form
from solidary.platform.web.limits import RateCounter
from solidary_testing.servers import api_client, settings_for
from test_web import router


@router.get("/published")
@public
async def published() -> str:
    return "public"


@router.post("/forms")
@public_form
async def take_form(body: dict[str, str]) -> dict[str, str]:
    return body


@pytest.fixture
async def limited_api(run, sample_database) -> AsyncIterator[httpx.AsyncClient]:
    """Open an API that allows two requests of a caller in a minute."""
    async with api_client(sample_application(run, sample_database, router, rate_limit="2/minute")) as client:
        yield client


async def thrice(client: httpx.AsyncClient, path: str, *headers: dict[str, str]) -> list[int]:
    return [
        (await client.get(path, headers=headers[n % len(headers)] if headers else {})).status_code
        for n in range(3)
    ]


async def test_too_many_requests_are_refused_with_retry_after(limited_api, tokens):
    desk = tokens.of("unhcr", Duty.FRONT_DESK)
    assert await thrice(limited_api, "/samples", desk) == [200, 200, 429]
    assert 0 < int((await limited_api.get("/samples", headers=desk)).headers["retry-after"]) <= 30


async def test_person_is_one_caller_for_all_agencies_and_slows_no_other_person(limited_api, tokens):
    duties = {"unhcr": (Duty.FRONT_DESK,), "chorrera": (Duty.FRONT_DESK,)}
    both = [tokens.of_several(duties, acting_for=agency) for agency in duties]
    assert await thrice(limited_api, "/samples", *both) == [200, 200, 429]
    assert (await limited_api.get("/samples", headers=tokens.of("unhcr", Duty.FRONT_DESK))).status_code == 200


async def test_service_is_a_caller_for_each_agency_that_it_acts_for(run, sample_database, tokens):
    one, other = (tokens.service("cash", acting_for=uuid4()) for _ in range(2))
    app = sample_application(run, sample_database, router, service="intake", rate_limit="2/minute")
    async with api_client(app) as intake:
        assert await thrice(intake, "/samples", one) == [403, 403, 429]
        assert await thrice(intake, "/samples", other) == [403, 403, 429]


@pytest.mark.parametrize("path", ["/samples", "/published"])
async def test_invented_tokens_of_one_address_are_one_caller(limited_api, tokens, path):
    invented = [{"Authorization": f"Bearer {secrets.token_hex()}"} for _ in range(3)]
    assert (await thrice(limited_api, path, *invented))[-1] == 429
    assert (await limited_api.get("/samples", headers=tokens.of("unhcr", Duty.FRONT_DESK))).status_code == 200


@pytest.fixture
async def form_api(run, sample_database) -> AsyncIterator[httpx.AsyncClient]:
    """Open an API that allows two forms of an address in an hour, behind a front door."""
    app = sample_application(
        run,
        sample_database,
        router,
        rate_limit="1000/minute",
        form_limit="2/hour",
        trusted_proxies="127.0.0.1",
    )
    async with api_client(app) as client:
        yield client


async def test_forms_of_an_address_have_a_rate_of_their_own(form_api, tokens):
    def visitor(address: str) -> dict[str, str]:
        return {"X-Forwarded-For": address, "Authorization": f"Bearer {secrets.token_hex()}"}

    async def send(address: str) -> httpx.Response:
        return await form_api.post("/forms", json={"text": "a"}, headers=visitor(address))

    assert [(await send("203.0.113.7")).status_code for _ in range(3)] == [200, 200, 429]
    assert int((await send("203.0.113.7")).headers["retry-after"]) > 600
    assert (await send("203.0.113.8")).status_code == 200
    # A login buys no further forms, and the forms of an address stop nothing else.
    desk = tokens.of("unhcr", Duty.FRONT_DESK) | {"X-Forwarded-For": "203.0.113.7"}
    assert (await form_api.post("/forms", json={"text": "a"}, headers=desk)).status_code == 429
    assert (await form_api.get("/samples", headers=desk)).status_code == 200
    addresses = [f"2001:db8:0:1::{number:x}" for number in range(3)]
    assert [(await send(each)).status_code for each in addresses] == [200, 200, 429]


async def test_form_without_a_login_is_small(form_api):
    assert (await form_api.post("/forms", json={"text": "a" * 60_000})).status_code == 200
    assert (await form_api.post("/forms", json={"text": "a" * 70_000})).status_code == 413


def test_counter_forgets_idle_callers_and_is_bounded():
    now = 0.0
    counter = RateCounter(Rate(60, 60), remember=100, clock=lambda: now)
    for caller in range(1_000):
        counter.count(str(caller))
    assert len(counter) == 100
    now = 10.0
    for _ in range(60):
        counter.count("one")
    assert len(counter) == 1


@given(st.lists(st.floats(0, 3), max_size=200), st.integers(1, 20))
def test_no_caller_exceeds_the_rate_after_the_first_burst(pauses, requests):
    now, allowed = 0.0, 0
    counter = RateCounter(Rate(requests, 10), clock=lambda: now)
    for pause in pauses:
        now += pause
        wait = counter.count("one")
        allowed += wait == 0
        if wait:
            now += wait * (1 + 1e-6)
            assert counter.count("one") == 0, "a caller who waits as long as required is admitted"
            allowed += 1
        assert allowed <= requests + now * requests / 10 + 1e-3


@pytest.mark.parametrize("rate", ["", "0/minute", "many", "5/fortnight", "-1/second"])
def test_invalid_rate_stops_the_start(run, sample_database, rate):
    with pytest.raises(ValidationError, match="rate_limit"):
        settings_for(run, sample_database, "market", rate_limit=rate)
