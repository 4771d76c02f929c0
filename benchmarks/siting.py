"""The p-median on instances generated in the OR-Library's manner, beside the textbook program by HiGHS."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from planning.engines.siting import Sited, p_median
from planning.engines.siting.streets import shortest_ways
from planning.engines.solver import Program, solve

from benchmarks import Claim, Outcome

Floats = NDArray[np.float64]

# vertices, the p's of the OR-Library (5, 10, n/10, n/5, n/3), seconds allowed
PROVEN = [(200, [5, 10, 20, 40, 67], 60), (300, [5, 10, 30, 60, 100], 300)]
LARGE, LARGE_P, LARGE_SECONDS = 900, 5, 120
PEER_VERTICES, PEER_SECONDS = 100, 120


def measure() -> Outcome:
    rows: list[dict[str, object]] = []
    claims: list[Claim] = []
    for vertices, sizes, allowed in PROVEN:
        ways = instance(vertices, seed=vertices)
        found = [_timed(rows, ways, p, allowed) for p in sizes]
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
    ways = instance(PEER_VERTICES, seed=PEER_VERTICES)
    ours, our_seconds = _timed(rows, ways, 10, PEER_SECONDS)
    begun = time.perf_counter()
    theirs = textbook(ways, 10)
    their_seconds = time.perf_counter() - begun
    rows.append(_row(PEER_VERTICES, 10, "HiGHS, textbook program", their_seconds, theirs, 0.0))
    claims.append(Claim("times the speed of the textbook program", their_seconds / our_seconds, 3))
    claims.append(
        Claim("its objective and ours differ by", abs(theirs - ours.objective), 1e-6, at_least=False)
    )
    return Outcome(rows, claims)


def _row(vertices: int, p: int, who: str, seconds: float, objective: float, gap: float) -> dict[str, object]:
    return {
        "vertices": vertices,
        "p": p,
        "who": who,
        "seconds": seconds,
        "objective": int(objective),
        "gap": gap,
    }


def _timed(rows: list[dict[str, object]], ways: Floats, p: int, allowed: float) -> tuple[Sited, float]:
    begun = time.perf_counter()
    found = p_median(ways, p, seconds=allowed)
    seconds = time.perf_counter() - begun
    rows.append(_row(len(ways), p, "ours", seconds, found.objective, found.gap))
    return found, seconds


def instance(vertices: int, seed: int) -> Floats:
    """A connected random graph of n²/50 edges with lengths 1 to 100 (Beasley 1985), as distances."""
    chance = random.Random(seed)
    order = list(range(vertices))
    chance.shuffle(order)
    edges = {(min(pair), max(pair)): chance.randint(1, 100) for pair in pairwise(order)}
    while len(edges) < vertices * vertices // 50:
        one, other = chance.sample(range(vertices), 2)
        edges.setdefault((min(one, other), max(one, other)), chance.randint(1, 100))
    everyone = np.arange(vertices)
    lengths = np.array(list(edges.values()), dtype=float)
    return shortest_ways(vertices, np.array(list(edges)), lengths, everyone, everyone)


def textbook(ways: Floats, p: int) -> float:
    """A column per place and candidate, xᵢⱼ ≤ yⱼ (ReVelle, Swain 1970)."""
    program = Program()
    opened = [program.column(0.0, whole=True) for _ in range(ways.shape[1])]
    program.row(opened, [1.0] * len(opened), p, p)
    for place in ways:
        goes = [program.column(float(way)) for way in place]
        program.row(goes, [1.0] * len(goes), 1, 1)
        for one, site in zip(goes, opened, strict=True):
            program.row([one, site], [1.0, -1.0], upper=0.0)
    return solve(program, seconds=PEER_SECONDS).objective
