"""A payment whose order was taken."""

from __future__ import annotations

import pytest


@pytest.fixture
async def sent(world):
    """Dispatch a plan; return its budget line, its path and its payment's id."""
    line = await world.budget_line(100_000)
    programme = await world.programme(line)
    await world.household()
    plan = await world.released(programme)
    await world.ordered(plan)
    (payment,) = (await world.api.get(f"{plan}/payments", world.checker)).json()["items"]
    return line, plan, payment["id"]
