"""The iteration of a timer over many rows, each in its own transaction, in which one failure stops no other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from solidary.language.problems import count_of
from solidary.platform.database.errors import is_transient

T = TypeVar("T")

log = logging.getLogger(__name__)


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do the work for each item. Errors are raised together at the end, so that the timer's run counts as failed.

    The loss of the database is raised at once: the timer's next run starts by itself.
    """
    errors: list[Exception] = []
    for item in items:
        try:
            await work(item)
        except Exception as error:
            if is_transient(error):
                raise
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{count_of(len(errors), 'item')} failed.", errors)
