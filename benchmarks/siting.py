"""The p-median on instances generated like the OR-Library's, compared with the textbook program by HiGHS."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from planning.engines.siting import SitingSolution, solve_p_median
from planning.engines.siting.streets import shortest_paths
from planning.engines.solver import MixedIntegerProgram, solve

from benchmarks import BenchmarkResult, Claim

Floats = NDArray[np.float64]

# vertices, the p's of the OR-Library (5, 10, n/10, n/5, n/3), seconds allowed
PROVEN = [(200, [5, 10, 20, 40, 67], 60), (300, [5, 10, 30, 60, 100], 300)]
LARGE, LARGE_P, LARGE_SECONDS = 900, 5, 120
PEER_VERTICES, PEER_SECONDS = 100, 120


def measure() -> BenchmarkResult:
    rows: list[dict[str, object]] = []
    claims: list[Claim] = []
    for vertices, sizes, allowed in PROVEN:
        costs = instance(vertices, seed=vertices)
        found = [_timed(rows, costs, p, allowed) for p in sizes]
        claims.append(
            Claim(
                f"{vertices} vertices: proven, of {len(sizes)}",
                sum(one.proven for one, _ in found),
                len(sizes),
            )
        )
        claims.append(
            Claim(f"{vertices} vertices: seconds at most", max(s for _, s in found), allowed, at_least=False)
        )
    large, seconds = _timed(rows, instance(LARGE, seed=LARGE), LARGE_P, LARGE_SECONDS - 20)
    claims.append(Claim(f"{LARGE} vertices, p = {LARGE_P}: seconds", seconds, LARGE_SECONDS, at_least=False))
    claims.append(Claim(f"{LARGE} vertices, p = {LARGE_P}: gap", large.gap, 0.02, at_least=False))
    costs = instance(PEER_VERTICES, seed=PEER_VERTICES)
    ours, our_seconds = _timed(rows, costs, 10, PEER_SECONDS)
    started = time.perf_counter()
    theirs = textbook(costs, 10)
    their_seconds = time.perf_counter() - started
    rows.append(_row(PEER_VERTICES, 10, "HiGHS, textbook program", their_seconds, theirs, 0.0))
    claims.append(Claim("times the speed of the textbook program", their_seconds / our_seconds, 3))
    claims.append(
        Claim("its objective and ours differ by", abs(theirs - ours.objective), 1e-6, at_least=False)
    )
    return BenchmarkResult(rows, claims)


def _row(
    vertices: int, p: int, program: str, seconds: float, objective: float, gap: float
) -> dict[str, object]:
    return {
        "vertices": vertices,
        "p": p,
        "program": program,
        "seconds": seconds,
        "objective": int(objective),
        "gap": gap,
    }


def _timed(
    rows: list[dict[str, object]], costs: Floats, p: int, allowed: float
) -> tuple[SitingSolution, float]:
    started = time.perf_counter()
    found = solve_p_median(costs, p, seconds=allowed)
    seconds = time.perf_counter() - started
    rows.append(_row(len(costs), p, "solidary", seconds, found.objective, found.gap))
    return found, seconds


def instance(vertices: int, seed: int) -> Floats:
    """Return the distances of a connected random graph of n²/50 edges with lengths 1 to 100 (Beasley 1985)."""
    generator = random.Random(seed)
    order = list(range(vertices))
    generator.shuffle(order)
    edges = {(min(pair), max(pair)): generator.randint(1, 100) for pair in pairwise(order)}
    while len(edges) < vertices * vertices // 50:
        one, other = generator.sample(range(vertices), 2)
        edges.setdefault((min(one, other), max(one, other)), generator.randint(1, 100))
    everyone = np.arange(vertices)
    lengths = np.array(list(edges.values()), dtype=float)
    return shortest_paths(vertices, np.array(list(edges)), lengths, everyone, everyone)


def textbook(costs: Floats, p: int) -> float:
    """Solve the program with a column per place and candidate, xᵢⱼ ≤ yⱼ (ReVelle, Swain 1970), by HiGHS."""
    program = MixedIntegerProgram()
    opened = [program.add_column(0.0, integer=True) for _ in range(costs.shape[1])]
    program.add_row(opened, [1.0] * len(opened), p, p)
    for place in costs:
        assigned = [program.add_column(float(cost)) for cost in place]
        program.add_row(assigned, [1.0] * len(assigned), 1, 1)
        for one, site in zip(assigned, opened, strict=True):
            program.add_row([one, site], [1.0, -1.0], upper=0.0)
    return solve(program, seconds=PEER_SECONDS).objective
