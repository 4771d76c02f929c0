from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.sectors.rules import DEFAULT_WEIGHTS, BarrierFactors, sector_score
from market.engines.sectors.sensitivity import rank_stability

third = Fraction(1, 3)
marks = st.integers(1, 5)
tables = st.lists(st.lists(marks, min_size=3, max_size=3), min_size=1, max_size=12)


def test_sector_is_scored_on_the_scale_of_its_marks() -> None:
    marks = {"relevance": Fraction(5), "growth": Fraction(3), "feasibility": Fraction(4)}
    assert sector_score(marks, DEFAULT_WEIGHTS) == 4
    agreed = {"relevance": Fraction(1, 2), "growth": Fraction(1, 4), "feasibility": Fraction(1, 4)}
    assert sector_score(marks, agreed) == Fraction(17, 4)


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([third, third, Fraction(1, 4)], "sum to 0.916667"),
        ([1, 1, -1], "growth is negative"),
        ([0, 0, 0], "sum to 0."),
    ],
)
def test_negative_weights_or_a_sum_other_than_one_are_refused(weights: list[Fraction], reason: str) -> None:
    given = dict(zip(("relevance", "feasibility", "growth"), weights, strict=True))
    with pytest.raises(ValueError, match=reason):
        sector_score(dict.fromkeys(DEFAULT_WEIGHTS, Fraction(1)), given)


@given(*[st.fractions(0, 1)] * 3)
def test_priority_is_at_most_the_smallest_factor(severity: Fraction, share: Fraction, ease: Fraction) -> None:
    assert 0 <= BarrierFactors(severity, share, ease).priority <= min(severity, share, ease)


def test_factor_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"The factor share must be between 0 and 1\. It is 40\."):
        BarrierFactors(Fraction(1), Fraction(40), Fraction(1))


@given(tables)
def test_every_rank_is_kept_without_a_spread(table: list[list[int]]) -> None:
    for row, rank in zip(
        table, rank_stability(np.array(table, float), [1 / 3] * 3, spread=0, draws=5), strict=True
    ):
        assert rank.rank == 1 + sum(sum(other) > sum(row) for other in table)
        assert (rank.kept, rank.best, rank.worst) == (1, rank.rank, rank.rank)


@given(tables)
def test_alternative_that_is_best_in_every_criterion_stays_first(table: list[list[int]]) -> None:
    [first, *_] = rank_stability(np.array([[6, 6, 6], *table], float), [0.5, 0.3, 0.2], spread=1, draws=200)
    assert (first.first, first.worst) == (1, 1)


def test_narrow_lead_has_a_low_stability() -> None:
    table = np.array([[5.0, 1.0], [1.0, 4.9]])
    ahead, behind = rank_stability(table, [0.5, 0.5])
    assert (ahead.rank, behind.rank) == (1, 2)
    assert 0.5 < ahead.kept < 0.65
    assert behind.first == pytest.approx(1 - ahead.first)


def test_same_seed_gives_the_same_stability() -> None:
    table = np.array([[5.0, 1.0], [1.0, 4.9]])
    assert rank_stability(table, [0.5, 0.5], seed=3) == rank_stability(table, [0.5, 0.5], seed=3)
    assert rank_stability(table, [0.5, 0.5], seed=3) != rank_stability(table, [0.5, 0.5], seed=4)
