"""A timer's iteration over rows: errors are raised at the end, the loss of the database at once."""

from __future__ import annotations

import psycopg
import pytest
from solidary.platform.jobs import for_each


async def test_failing_item_does_not_stop_the_others():
    done = []

    async def work(number: int) -> None:
        done.append(12 // number)

    with pytest.raises(ExceptionGroup, match="2 items failed") as failed:
        await for_each([0, 3, 0, 4], work)
    assert done == [4, 3]
    assert failed.group_contains(ZeroDivisionError)
    await for_each([6], work)
    assert done == [4, 3, 2]


async def test_lost_database_ends_the_iteration_at_once():
    attempted = []

    async def work(number: int) -> None:
        attempted.append(number)
        raise psycopg.OperationalError("the server is gone")

    with pytest.raises(psycopg.OperationalError):
        await for_each([1, 2, 3], work)
    assert attempted == [1]
