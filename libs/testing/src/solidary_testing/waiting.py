"""Waiting for a condition, in place of a sleep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(
    check: Callable[[], Awaitable[T]], *, within: float = 90.0, what: str = "the condition"
) -> T:
    """Repeat a check until it returns a true value, and return that.

    Raises AssertionError with the last value after `within` seconds. `what` names the condition in the error.
    """
    end = time.monotonic() + within
    while True:
        value = await check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not true within {within:g} s. The last value was {value!r}.")
        await asyncio.sleep(0.02)
