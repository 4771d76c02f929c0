"""The p-median against every choice of sites, a solver's other formulation, and the OR-Library."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.arrays import Floats
from planning.engines.siting import p_median
from planning.engines.siting.interchange import greedy_sites, interchange, total_way
from planning.engines.siting.orlib import read
from planning.engines.solver import Program, solve


def matrices(most: int = 60) -> some.SearchStrategy[Floats]:
    return some.builds(
        lambda seed, places, candidates, scale: (
            np.random.default_rng(seed).integers(0, most, (places, candidates)) * scale
        ),
        some.integers(0, 10**6),
        some.integers(1, 14),
        some.integers(1, 9),
        some.sampled_from([1.0, 0.37]),
    )


def by_trying_all(ways: Floats, p: int) -> float:
    return min(total_way(ways, np.array(sites)) for sites in combinations(range(ways.shape[1]), p))


@settings(max_examples=300, deadline=None)
@given(ways=matrices(), share=some.floats(0, 1))
def test_no_choice_of_sites_is_better(ways: Floats, share: float) -> None:
    p = 1 + int(share * (ways.shape[1] - 1))
    found = p_median(ways, p)
    assert found.proven
    assert len(set(found.sites)) == p
    assert found.objective == pytest.approx(total_way(ways, np.array(found.sites)))
    assert found.objective == pytest.approx(by_trying_all(ways, p))
    assert found.bound == found.objective


@settings(max_examples=60, deadline=None)
@given(ways=matrices())
def test_more_sites_never_lengthen_the_ways(ways: Floats) -> None:
    objectives = [p_median(ways, p).objective for p in range(1, ways.shape[1] + 1)]
    assert objectives == sorted(objectives, reverse=True)


@settings(max_examples=100, deadline=None)
@given(ways=matrices())
def test_an_interchange_ends_where_no_single_swap_helps(ways: Floats) -> None:
    p = (ways.shape[1] + 1) // 2
    sites = interchange(ways, greedy_sites(ways, p))
    for out in range(p):
        for into in set(range(ways.shape[1])) - set(sites.tolist()):
            swapped = sites.copy()
            swapped[out] = into
            assert total_way(ways, swapped) >= total_way(ways, sites) - 1e-6


def by_assignment(ways: Floats, p: int) -> float:
    """The textbook program (a column per place and candidate), by HiGHS."""
    places, candidates = ways.shape
    program = Program()
    opened = [program.column(0.0, whole=True) for _ in range(candidates)]
    program.row(opened, [1.0] * candidates, p, p)
    for place in range(places):
        goes = [program.column(float(way)) for way in ways[place]]
        program.row(goes, [1.0] * candidates, 1, 1)
        for one, site in zip(goes, opened, strict=True):
            program.row([one, site], [1.0, -1.0], upper=0.0)
    return solve(program).objective


@pytest.mark.parametrize(("seed", "p"), [(1, 3), (2, 7), (3, 12)])
def test_a_town_on_the_plane_as_the_textbook_program_solves_it(seed: int, p: int) -> None:
    chance = np.random.default_rng(seed)
    points, weights = chance.random((45, 2)), chance.integers(1, 50, 45)
    ways = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) * weights[:, None]
    found = p_median(ways, p)
    assert found.proven
    assert found.objective == pytest.approx(by_assignment(ways, p))


def test_pmed1_of_the_or_library_is_5819_proven(shared: Path) -> None:
    task, p = read(shared / "orlib" / "pmed1.txt")
    found = p_median(task.distances, p)
    assert (p, found.objective, found.bound, found.proven) == (5, 5819, 5819, True)


def test_without_time_the_bound_is_below_and_nothing_is_claimed() -> None:
    ways = np.random.default_rng(5).integers(1, 1000, (80, 80)).astype(float)
    found = p_median(ways, 6, seconds=0)
    assert not found.proven
    assert found.bound < found.objective
    assert 0 < found.gap <= 1


@pytest.mark.parametrize("p", [0, 3])
def test_as_many_sites_as_there_are_candidates_at_most(p: int) -> None:
    with pytest.raises(ValueError, match="of 2 candidates"):
        p_median(np.ones((4, 2)), p)


def test_ways_of_nothing_end_the_search_where_distances_are_not_whole() -> None:
    chance = np.random.default_rng(4)
    points = np.repeat(chance.random((12, 2)), 3, axis=0)
    ways = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    searched: list[int] = []
    found = p_median(ways, 12, seconds=5, watch=lambda nodes, *_: searched.append(nodes))
    assert (found.objective, found.bound, found.proven) == (0, 0, True)
    assert len(searched) <= 1
