"""The p-median: p sites such that people's ways to the nearest one, summed up, are the shortest.

Solved by a tree search on Lagrangian bounds (Cornuéjols, Fisher, Nemhauser 1977; Christofides, Beasley 1982,
from whom the OR-Library's instances come). The relaxed rule is "every place goes to exactly one site"; its
multipliers are climbed by subgradients. At each node, candidates that no better solution can open are struck
out and those that each must open are fixed. docs/using/siting.md explains why not a mixed-integer solver.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from planning.engines.arrays import Floats
from planning.engines.siting.interchange import Sites, greedy_sites, interchange, total_way

Watch = Callable[[int, float, float], None]

# Share of the objective below which two values count as one: distances on a sphere are no better known.
TOLERANCE = 1e-9
# Only sites this near to the best known are worth an interchange.
PROMISING = 1.01


@dataclass(frozen=True)
class Sited:
    """Sites (indices of candidates), their objective, and what no choice of sites can be below."""

    sites: tuple[int, ...]
    objective: float
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        """The distance from objective to bound as a share of the objective."""
        return abs(self.objective - self.bound) / abs(self.objective) if self.objective else 0.0


def p_median(ways: Floats, p: int, *, seconds: float = np.inf, watch: Watch | None = None) -> Sited:
    """The best p candidates for `ways[place, candidate]`: weight × distance, finite, none negative.

    Whole numbers are recognised: a bound within one of the objective then proves it. `watch` hears nodes
    searched, bound and objective. Raises ValueError when there are fewer than p candidates.
    """
    if not 1 <= p <= ways.shape[1]:
        raise ValueError(f"{p} sites of {ways.shape[1]} candidates")
    return _Search(ways, p, time.monotonic() + seconds, watch or (lambda *_: None)).run()


@dataclass(frozen=True)
class _Effort:
    """How long the multipliers are climbed: the step shrinks after `patience` steps without a gain.

    `aim` is the bound aimed at, as a share of the best objective; every `thorough` steps the sites that
    the relaxation chooses are interchanged, however poor.
    """

    steps: int
    aim: float
    thorough: int
    pace: float
    shrink: float
    patience: int
    least: float


AT_THE_ROOT = _Effort(steps=3000, aim=1.05, thorough=50, pace=1.5, shrink=1 / 1.5, patience=20, least=1e-4)
BELOW = _Effort(steps=80, aim=1.02, thorough=100, pace=1.0, shrink=0.6, patience=5, least=1e-3)


@dataclass(frozen=True, order=True)
class _Node:
    """Solutions that open the first `sure` of `candidates` and none outside them."""

    bound: float
    number: int
    multipliers: Floats = field(compare=False)
    candidates: Sites = field(compare=False)
    sure: int = field(compare=False)


@dataclass
class _Climbed:
    """The best bound found with its multipliers and gains, and how often each candidate was chosen."""

    bound: float
    multipliers: Floats
    gains: Floats
    chosen: Floats


class _Search:
    def __init__(self, ways: Floats, p: int, until: float, watch: Watch):
        self.ways, self.p, self.until, self.watch = ways, p, until, watch
        self.whole = bool((ways == np.rint(ways)).all())
        self.sites = interchange(ways, greedy_sites(ways, p)) if p < ways.shape[1] else np.arange(p)
        self.upper = total_way(ways, self.sites)
        self.tried: set[tuple[int, ...]] = set()

    @property
    def enough(self) -> float:
        """A bound above this leaves no room for a better solution."""
        return self.upper - (1 - 1e-6 if self.whole else self.upper * TOLERANCE)

    def run(self) -> Sited:
        lower = self.upper if self.p in (1, self.ways.shape[1]) or not self.upper else self.search()
        proven = lower > self.enough or lower >= self.upper
        if self.whole:
            lower = float(np.ceil(lower - 1e-6))
        bound = self.upper if proven else min(self.upper, lower)
        return Sited(tuple(sorted(self.sites.tolist())), self.upper, bound, proven)

    def search(self) -> float:
        """Best bound first; returns what no solution can be below."""
        start = np.partition(self.ways[:, self.sites], 1, axis=1)[:, 1]
        tree = [_Node(0.0, 0, start, np.arange(self.ways.shape[1]), 0)]
        number = searched = 0
        while tree and tree[0].bound <= self.enough and self.upper:
            if time.monotonic() > self.until:
                return tree[0].bound
            node = heapq.heappop(tree)
            climbed = self.climb(node, BELOW if searched else AT_THE_ROOT)
            searched += 1
            self.watch(searched, max(node.bound, climbed.bound), self.upper)
            for candidates, sure in self.branches(node, climbed):
                number += 1
                bound = max(node.bound, climbed.bound)
                heapq.heappush(tree, _Node(bound, number, climbed.multipliers, candidates, sure))
        return tree[0].bound if tree else self.upper

    def climb(self, node: _Node, effort: _Effort) -> _Climbed:
        """Raises the node's bound; tries the sites that the relaxation chooses on the way."""
        ways, sure, open_ = self.ways[:, node.candidates], node.sure, self.p - node.sure
        always = np.arange(sure)
        multipliers, pace, idle = node.multipliers, effort.pace, 0
        best = _Climbed(-np.inf, multipliers, np.empty(0), np.zeros(len(node.candidates)))
        for step in range(effort.steps):
            gains = np.minimum(ways - multipliers[:, None], 0.0).sum(axis=0)
            chosen = np.concatenate([always, sure + np.argpartition(gains[sure:], open_ - 1)[:open_]])
            bound = float(multipliers.sum() + gains[chosen].sum())
            if bound > best.bound + 1e-7 * self.upper:
                best.bound, best.multipliers, best.gains, idle = bound, multipliers, gains, 0
            else:
                idle += 1
                if idle == effort.patience:
                    pace, idle = pace * effort.shrink, 0
            best.chosen[chosen] += 1
            self.suggest(node.candidates[chosen], thorough=step % effort.thorough == effort.thorough - 1)
            if (
                best.bound > self.enough
                or not self.upper
                or pace < effort.least
                or time.monotonic() > self.until
            ):
                break
            missing = 1.0 - (ways[:, chosen] < multipliers[:, None]).sum(axis=1)
            length = float(missing @ missing)
            if not length:
                break
            multipliers = multipliers + pace * (effort.aim * self.upper - bound) / length * missing
        return best

    def suggest(self, sites: Sites, *, thorough: bool = False) -> None:
        key = tuple(sorted(sites.tolist()))
        if key in self.tried:
            return
        self.tried.add(key)
        way = total_way(self.ways, sites)
        if thorough or way < self.upper * PROMISING:
            sites = interchange(self.ways, sites)
            way = total_way(self.ways, sites)
        if way < self.upper:
            self.upper, self.sites = way, sites

    def branches(self, node: _Node, climbed: _Climbed) -> list[tuple[Sites, int]]:
        """The node's solutions in two halves: with the most chosen open candidate, and without it.

        With L the bound and g the gains of the candidates still open, opening j costs at least
        L + gⱼ − (the last gain chosen), leaving it closed at least L − gⱼ + (the first gain not chosen).
        """
        if climbed.bound > self.enough:
            return []
        open_ = self.p - node.sure
        gains = climbed.gains[node.sure :]
        ordered = np.sort(gains)
        room = self.enough - climbed.bound
        possible = gains - ordered[open_ - 1] <= room
        must = ordered[open_] - gains > room if open_ < len(gains) else possible
        wanted = climbed.chosen[node.sure :].copy()
        rest = node.candidates[node.sure :]
        fixed = np.concatenate([node.candidates[: node.sure], rest[must]])
        free, wanted = rest[possible & ~must], wanted[possible & ~must]
        if len(fixed) == self.p:
            free = free[:0]
        if len(fixed) + len(free) == self.p:
            self.suggest(np.concatenate([fixed, free]))
        if len(fixed) >= self.p or len(fixed) + len(free) <= self.p:
            return []
        pick = int(wanted.argmax())
        opened, others = np.concatenate([fixed, free[pick : pick + 1]]), np.delete(free, pick)
        without = (np.concatenate([fixed, others]), len(fixed))
        if len(opened) == self.p:
            self.suggest(opened)
            return [without]
        return [without, (np.concatenate([opened, others]), len(opened))]
