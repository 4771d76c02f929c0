"""The fixtures of the rules on money."""

from __future__ import annotations

import pytest

from services.cash.tests.invariants.sql import Attempt, Scene, make_scene


@pytest.fixture
def attempt(world) -> Attempt:
    return Attempt(world)


@pytest.fixture
async def scene(world) -> Scene:
    """A submitted plan with one payment of 250.00 on a line of 1,000.00."""
    return await make_scene(world)
