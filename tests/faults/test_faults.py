from __future__ import annotations

import pytest

from tests.faults.rounds import EVENTS, play_round


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_nothing_is_lost_doubled_or_disordered_when_everything_is_killed(stack, tokens, seed):
    outcome = await play_round(stack, tokens, seed)
    assert outcome.events == EVENTS
    assert outcome.faultless, outcome
