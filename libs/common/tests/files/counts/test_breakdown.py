"""Tests of the parts of one breakdown that are withheld."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.files.counts.breakdown import parts_to_withhold

counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=2)


@given(counts, st.integers(2, 12))
def test_breakdown_withholds_nothing_or_at_least_two_parts_with_k_people(
    parts: dict[str, int], k: int
) -> None:
    hidden = parts_to_withhold(parts, k)
    assert {name for name, count in parts.items() if count < k} <= hidden
    if hidden and sum(parts.values()) >= k:
        assert len(hidden) >= 2
        assert sum(parts[name] for name in hidden) >= k


@given(counts, st.integers(2, 12))
def test_assuming_that_withheld_parts_are_below_k_narrows_none_to_less_than_half_of_k(
    parts: dict[str, int], k: int
) -> None:
    hidden = parts_to_withhold(parts, k)
    small = all(parts[name] < k for name in hidden)
    if hidden and small and hidden != set(parts):
        rest, others = sum(parts[name] for name in hidden), (len(hidden) - 1) * (k - 1)
        assert min(k - 1, rest) - max(0, rest - others) >= k // 2


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({"a": 50, "b": 40}, ""),
        ({"a": 50, "b": 40, "c": 4}, "bc"),
        ({"a": 50, "b": 40, "c": 0}, "bc"),
        ({"a": 50, "b": 40, "c": 4, "d": 7}, "cd"),
        ({"a": 50, "b": 40, "c": 4, "d": 3}, "bcd"),
        ({"a": 50, "b": 40, "c": 9, "d": 9}, "bcd"),
        ({"a": 50, "c": 4}, "ac"),
        ({"a": 50}, ""),
        ({"a": 3}, ""),
    ],
)
def test_breakdown_withholds_small_parts_and_as_few_others_as_possible(
    parts: dict[str, int], hidden: str
) -> None:
    assert parts_to_withhold(parts, 10) == set(hidden)


def test_two_parts_with_k_people_stay_withheld_of_those_withheld_earlier() -> None:
    then = {"a": 3, "b": 4, "c": 5, "d": 6}
    assert parts_to_withhold({"a": 30, "b": 40, "c": 50, "d": 60}, 10, earlier=[then]) == {"a", "b", "c"}
    assert parts_to_withhold({"a": 30, "b": 40}, 10, earlier=[{"a": 3}]) == {"a", "b"}
