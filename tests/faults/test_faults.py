from __future__ import annotations

import pytest

from tests.faults.rounds import EVENTS, run_round


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_event_is_lost_duplicated_or_out_of_order_when_everything_is_killed(stack, tokens, seed):
    result = await run_round(stack, tokens, seed)
    assert result.events == EVENTS
    assert result.is_faultless, result
