"""Waiting for a fact instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], *, within: float = 30.0, what: str = "the fact") -> T:
    """Asks again and again until the answer is truthy. Raises AssertionError with the last answer after `within`
    seconds."""
    end = time.monotonic() + within
    while True:
        answer = await ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {within:g} s; last answer: {answer!r}")
        await asyncio.sleep(0.02)
