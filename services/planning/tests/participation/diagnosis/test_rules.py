from __future__ import annotations

from planning.participation.diagnosis.rules import mean_indicators


def test_a_mean_counts_only_the_cells_that_have_the_indicator():
    assert mean_indicators([{"a": 1.0, "b": 4.0}, {"a": 3.0}, {}]) == {"a": 2.0, "b": 4.0}
