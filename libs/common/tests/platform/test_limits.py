"""How much one caller may send: who counts as one caller, and what counting costs."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from solidary.platform.identity import Duty
from solidary.platform.settings import Rate
from solidary.platform.web import public
from solidary.platform.web.limits import RateCounter
from solidary_testing.servers import api_client, settings_for
from test_web import router
from toy import served


@router.get("/published")
@public
async def published() -> str:
    return "for all"


@pytest.fixture
async def slow(run, place) -> AsyncIterator[httpx.AsyncClient]:
    """An API that takes two requests of a caller in a minute."""
    async with api_client(served(run, place, router, rate_limit="2/minute")) as client:
        yield client


async def thrice(client: httpx.AsyncClient, path: str, *headers: dict[str, str]) -> list[int]:
    return [
        (await client.get(path, headers=headers[n % len(headers)] if headers else {})).status_code
        for n in range(3)
    ]


async def test_too_many_requests_are_slowed_and_told_when_to_come_back(slow, tokens):
    desk = tokens.of("unhcr", Duty.FRONT_DESK)
    assert await thrice(slow, "/letters", desk) == [200, 200, 429]
    assert 0 < int((await slow.get("/letters", headers=desk)).headers["retry-after"]) <= 30


async def test_one_person_is_one_caller_whatever_they_act_for_and_another_is_not_slowed(slow, tokens):
    duties = {"unhcr": (Duty.FRONT_DESK,), "chorrera": (Duty.FRONT_DESK,)}
    both = [tokens.of_several(duties, acting_for=agency) for agency in duties]
    assert await thrice(slow, "/letters", *both) == [200, 200, 429]
    assert (await slow.get("/letters", headers=tokens.of("unhcr", Duty.FRONT_DESK))).status_code == 200


@pytest.mark.parametrize("path", ["/letters", "/published"])
async def test_made_up_tokens_are_one_caller_by_their_address(slow, tokens, path):
    made_up = [{"Authorization": f"Bearer {secrets.token_hex()}"} for _ in range(3)]
    assert (await thrice(slow, path, *made_up))[-1] == 429
    assert (await slow.get("/letters", headers=tokens.of("unhcr", Duty.FRONT_DESK))).status_code == 200


def test_a_counter_forgets_who_owes_nothing_and_never_holds_more_than_it_may():
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
def test_no_caller_gets_more_than_the_rate_beyond_the_first_burst(pauses, requests):
    now, taken = 0.0, 0
    counter = RateCounter(Rate(requests, 10), clock=lambda: now)
    for pause in pauses:
        now += pause
        wait = counter.count("one")
        taken += wait == 0
        if wait:
            now += wait * (1 + 1e-6)
            assert counter.count("one") == 0, "whoever waits as told is let in"
            taken += 1
        assert taken <= requests + now * requests / 10 + 1e-3


@pytest.mark.parametrize("rate", ["", "0/minute", "many", "5/fortnight", "-1/second"])
def test_a_rate_that_is_none_stops_the_start(run, place, rate):
    with pytest.raises(ValidationError, match="rate_limit"):
        settings_for(run, place, "market", rate_limit=rate)
