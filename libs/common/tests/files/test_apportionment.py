"""Parts in proportion to weights that sum to the whole."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.files.apportionment import largest_remainder

MINOR = st.integers(min_value=-(10**15), max_value=10**15) | st.integers(-(10**60), 10**60)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=400).filter(any)


@given(MINOR, WEIGHTS)
def test_part_is_its_exact_proportion_rounded_down_or_up(minor: int, weights: list[int]) -> None:
    for part, weight in zip(largest_remainder(minor, weights), weights, strict=True):
        assert abs(part - Fraction(minor * weight, sum(weights))) < 1


@given(MINOR, st.integers(1, 2000))
def test_equal_parts_differ_by_at_most_one_unit_and_the_first_ones_are_larger(minor: int, count: int) -> None:
    parts = largest_remainder(minor, [1] * count)
    assert sum(parts) == minor
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


def test_part_with_the_largest_remainder_gets_the_cent() -> None:
    assert largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert largest_remainder(10, [Fraction(1, 2), 5, 5]) == [0, 5, 5]
    assert largest_remainder(7, [1, 6, 0]) == [1, 6, 0]


@pytest.mark.parametrize("weights", [[0, 0], [3, -1]])
def test_negative_or_only_zero_weights_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        largest_remainder(1, weights)
