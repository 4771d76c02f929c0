"""Tests of the p-median against every choice of sites, another formulation by a solver, and the OR-Library."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.arrays import Floats
from planning.engines.siting import solve_p_median
from planning.engines.siting.interchange import greedy_sites, interchange, total_cost
from planning.engines.siting.orlib import read
from planning.engines.solver import MixedIntegerProgram, solve


def matrices(upper: int = 60) -> some.SearchStrategy[Floats]:
    return some.builds(
        lambda seed, places, candidates, scale: (
            np.random.default_rng(seed).integers(0, upper, (places, candidates)) * scale
        ),
        some.integers(0, 10**6),
        some.integers(1, 14),
        some.integers(1, 9),
        some.sampled_from([1.0, 0.37]),
    )


def by_trying_all(costs: Floats, p: int) -> float:
    return min(total_cost(costs, np.array(sites)) for sites in combinations(range(costs.shape[1]), p))


@settings(max_examples=300, deadline=None)
@given(costs=matrices(), share=some.floats(0, 1))
def test_no_choice_of_sites_is_better(costs: Floats, share: float) -> None:
    p = 1 + int(share * (costs.shape[1] - 1))
    solution = solve_p_median(costs, p)
    assert solution.proven
    assert len(set(solution.sites)) == p
    assert solution.objective == pytest.approx(total_cost(costs, np.array(solution.sites)))
    assert solution.objective == pytest.approx(by_trying_all(costs, p))
    assert solution.bound == solution.objective


@settings(max_examples=60, deadline=None)
@given(costs=matrices())
def test_more_sites_never_increase_the_total(costs: Floats) -> None:
    objectives = [solve_p_median(costs, p).objective for p in range(1, costs.shape[1] + 1)]
    assert objectives == sorted(objectives, reverse=True)


@settings(max_examples=100, deadline=None)
@given(costs=matrices())
def test_an_interchange_ends_where_no_single_swap_helps(costs: Floats) -> None:
    p = (costs.shape[1] + 1) // 2
    sites = interchange(costs, greedy_sites(costs, p))
    for out in range(p):
        for into in set(range(costs.shape[1])) - set(sites.tolist()):
            swapped = sites.copy()
            swapped[out] = into
            assert total_cost(costs, swapped) >= total_cost(costs, sites) - 1e-6


def by_assignment(costs: Floats, p: int) -> float:
    """Solve the textbook program (a column per place and candidate) by HiGHS."""
    places, candidates = costs.shape
    program = MixedIntegerProgram()
    opened = [program.add_column(0.0, integer=True) for _ in range(candidates)]
    program.add_row(opened, [1.0] * candidates, p, p)
    for place in range(places):
        assigned = [program.add_column(float(cost)) for cost in costs[place]]
        program.add_row(assigned, [1.0] * candidates, 1, 1)
        for one, site in zip(assigned, opened, strict=True):
            program.add_row([one, site], [1.0, -1.0], upper=0.0)
    return solve(program).objective


@pytest.mark.parametrize(("seed", "p"), [(1, 3), (2, 7), (3, 12)])
def test_the_textbook_program_gives_the_same_objective(seed: int, p: int) -> None:
    chance = np.random.default_rng(seed)
    points, weights = chance.random((45, 2)), chance.integers(1, 50, 45)
    costs = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) * weights[:, None]
    solution = solve_p_median(costs, p)
    assert solution.proven
    assert solution.objective == pytest.approx(by_assignment(costs, p))


def test_pmed1_of_the_or_library_is_5819_proven(shared: Path) -> None:
    task, p = read(shared / "orlib" / "pmed1.txt")
    solution = solve_p_median(task.distances, p)
    assert (p, solution.objective, solution.bound, solution.proven) == (5, 5819, 5819, True)


def test_without_time_the_solution_is_not_proven() -> None:
    costs = np.random.default_rng(5).integers(1, 1000, (80, 80)).astype(float)
    solution = solve_p_median(costs, 6, seconds=0)
    assert not solution.proven
    assert solution.bound < solution.objective
    assert 0 < solution.gap <= 1


@pytest.mark.parametrize("p", [0, 3])
def test_the_number_of_sites_must_be_between_one_and_the_candidates(p: int) -> None:
    with pytest.raises(ValueError, match="from 2 candidates"):
        solve_p_median(np.ones((4, 2)), p)


def test_a_total_of_zero_ends_the_search_where_costs_are_not_whole() -> None:
    chance = np.random.default_rng(4)
    points = np.repeat(chance.random((12, 2)), 3, axis=0)
    costs = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    searched: list[int] = []
    solution = solve_p_median(costs, 12, seconds=5, on_progress=lambda nodes, *_: searched.append(nodes))
    assert (solution.objective, solution.bound, solution.proven) == (0, 0, True)
    assert len(searched) <= 1
