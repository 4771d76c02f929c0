"""What a timer does for many things: each in its own transaction, whatever comes of the others."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from solidary.platform.database.errors import is_transient

T = TypeVar("T")

log = logging.getLogger(__name__)


async def for_each(things: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Does the work for each. Those that failed are raised together at the end, so that the tick counts as failed.

    A lost database is raised at once: the next tick comes by itself.
    """
    failed: list[Exception] = []
    for thing in things:
        try:
            await work(thing)
        except Exception as error:
            if is_transient(error):
                raise
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} failed", failed)
