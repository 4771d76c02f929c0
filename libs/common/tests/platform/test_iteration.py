"""A timer's things: one that fails is told at the end, a lost database at once."""

from __future__ import annotations

import psycopg
import pytest
from solidary.platform.jobs import for_each


async def test_one_that_fails_does_not_hold_back_the_others():
    done = []

    async def work(number: int) -> None:
        done.append(12 // number)

    with pytest.raises(ExceptionGroup, match="2 items failed") as failed:
        await for_each([0, 3, 0, 4], work)
    assert done == [4, 3]
    assert failed.group_contains(ZeroDivisionError)
    await for_each([6], work)
    assert done == [4, 3, 2]


async def test_a_lost_database_ends_the_tick_at_once():
    tried = []

    async def work(number: int) -> None:
        tried.append(number)
        raise psycopg.OperationalError("the server is away")

    with pytest.raises(psycopg.OperationalError):
        await for_each([1, 2, 3], work)
    assert tried == [1]
