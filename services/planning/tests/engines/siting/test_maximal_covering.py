"""Tests of maximal covering against every choice of sites."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.siting import solve_maximal_covering

SMALL = some.tuples(some.integers(0, 10**6), some.integers(1, 14), some.integers(1, 8))


@settings(max_examples=120, deadline=None)
@given(size=SMALL, radius=some.integers(0, 60), share=some.floats(0, 1))
def test_no_choice_of_sites_covers_more(size: tuple[int, int, int], radius: int, share: float) -> None:
    seed, places, candidates = size
    chance = np.random.default_rng(seed)
    distances = chance.integers(0, 100, (places, candidates)).astype(float)
    weights = chance.integers(1, 30, places).astype(float)
    p = 1 + int(share * (candidates - 1))
    solution = solve_maximal_covering(distances, weights, p, radius)
    most = max(
        weights[(distances[:, sites] <= radius).any(axis=1)].sum()
        for sites in map(list, combinations(range(candidates), p))
    )
    assert solution.proven
    assert len(solution.sites) == p
    assert solution.objective == most == solution.bound


@settings(max_examples=30, deadline=None)
@given(size=SMALL)
def test_a_wider_radius_and_more_sites_never_cover_less(size: tuple[int, int, int]) -> None:
    seed, places, candidates = size
    distances = np.random.default_rng(seed).integers(0, 100, (places, candidates)).astype(float)
    weights = np.ones(places)
    wider = [solve_maximal_covering(distances, weights, 1, radius).objective for radius in (0, 30, 60, 100)]
    more = [solve_maximal_covering(distances, weights, p, 40).objective for p in range(1, candidates + 1)]
    assert wider == sorted(wider)
    assert more == sorted(more)


def test_a_place_exactly_at_the_radius_is_covered() -> None:
    distances = np.array([[500.0], [500.1]])
    assert solve_maximal_covering(distances, np.ones(2), 1, 500.0).objective == pytest.approx(1)
