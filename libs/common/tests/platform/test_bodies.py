"""The bodies of a process's requests: their deadline, their limit and their memory."""

from __future__ import annotations

import asyncio

import pytest
from solidary.language.problems import Busy
from solidary.platform.web import bodies
from solidary.platform.web.bodies import BodyReader, BodyTooLarge, BodyTooSlow
from starlette.requests import ClientDisconnect


def sender(*parts: bytes, ends: bool = True):
    """Return a `receive` that gives these parts, and then the end or nothing."""
    messages = [
        {"type": "http.request", "body": part, "more_body": not ends or number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]

    async def receive():
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive


async def test_body_is_given_again_in_its_parts():
    async with BodyReader().read(sender(b"ab", b"", b"c"), caller="a", limit=3) as body:
        assert (body.size, body.content()) == (3, b"abc")
        receive = body.replay(sender(b"late"))
        assert await receive() == {"type": "http.request", "body": b"abc", "more_body": False}


@pytest.mark.parametrize("parts", [(b"abcd",), (b"ab", b"cd"), (b"ab", b"c", b"d")])
async def test_body_over_its_limit_is_refused_as_soon_as_it_is_over(parts):
    with pytest.raises(BodyTooLarge, match="At most 3 bytes"):
        async with BodyReader().read(sender(*parts, ends=False), caller="a", limit=3):
            pass


async def test_body_that_stops_is_refused_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_SECONDS", 0.05)
    with pytest.raises(BodyTooSlow):
        async with BodyReader().read(sender(b"a", ends=False), caller="a", limit=3):
            pass


async def test_bodies_of_one_caller_and_of_all_have_a_bounded_memory():
    reader = BodyReader(memory=10, memory_of_caller=6)

    def read(caller: str, size: int):
        return reader.read(sender(b"x" * size), caller=caller, limit=100)

    async with read("a", 6), read("b", 4):
        for caller, size in (("a", 1), ("c", 1)):
            with pytest.raises(Busy):
                async with read(caller, size):
                    pass
    async with read("c", 6), read("a", 4):
        pass


async def test_caller_who_goes_away_ends_the_request():
    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        async with BodyReader().read(receive, caller="a", limit=3):
            pass
