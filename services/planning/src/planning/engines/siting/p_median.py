"""The p-median: p sites for which the sum of the weighted distances to the nearest site is least.

Solved by a tree search on Lagrangian bounds (Cornuéjols, Fisher, Nemhauser 1977; Christofides, Beasley 1982, from whom
the OR-Library's instances come). The relaxed constraint is «every place is served by exactly one site»; its multipliers
are raised by subgradient ascent. At each node, candidates that no better solution can open are excluded and those that
every better solution opens are fixed. docs/using/siting.md explains why this is not a mixed-integer program.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from solidary.language.problems import count_of

from planning.engines.arrays import Floats
from planning.engines.siting.interchange import Sites, greedy_sites, interchange, total_cost

ProgressCallback = Callable[[int, float, float], None]
"""A function that is called with the number of nodes searched, the bound and the objective."""

# The share of the objective below which two values are equal: distances on a sphere are no more precise.
TOLERANCE = 1e-9
# Sites are improved by interchange only if their total is within this factor of the best known.
MAX_RATIO_TO_INTERCHANGE = 1.01


@dataclass(frozen=True)
class SitingSolution:
    """Sites (indices of candidates), their objective, and a bound that no choice of sites can be below."""

    sites: tuple[int, ...]
    objective: float
    bound: float
    proven: bool

    @property
    def gap(self) -> float:
        """The distance from objective to bound as a share of the objective."""
        return abs(self.objective - self.bound) / abs(self.objective) if self.objective else 0.0


def solve_p_median(
    costs: Floats, p: int, *, seconds: float = np.inf, on_progress: ProgressCallback | None = None
) -> SitingSolution:
    """Return the best p candidates for `costs[place, candidate]`: weight × distance, finite, none negative.

    Where all costs are whole numbers, a bound within one of the objective proves it. Raises ValueError unless p is
    between 1 and the number of candidates.
    """
    if not 1 <= p <= costs.shape[1]:
        raise ValueError(
            f"{count_of(p, 'site')} cannot be chosen from {count_of(costs.shape[1], 'candidate')}."
        )
    return _TreeSearch(costs, p, time.monotonic() + seconds, on_progress or (lambda *_: None)).run()


@dataclass(frozen=True)
class _AscentSettings:
    """Settings of the subgradient ascent: the step shrinks after `patience` steps without an improvement.

    `target` is the value aimed at, as a share of the best objective. Every `thorough` steps the sites that the
    relaxation chooses are improved by interchange, whatever their total.
    """

    steps: int
    target: float
    thorough: int
    step_size: float
    shrink: float
    patience: int
    min_step_size: float


ROOT_SETTINGS = _AscentSettings(
    steps=3000, target=1.05, thorough=50, step_size=1.5, shrink=1 / 1.5, patience=20, min_step_size=1e-4
)
NODE_SETTINGS = _AscentSettings(
    steps=80, target=1.02, thorough=100, step_size=1.0, shrink=0.6, patience=5, min_step_size=1e-3
)


@dataclass(frozen=True, order=True)
class _Node:
    """The solutions that open the first `fixed` of `candidates` and none outside `candidates`."""

    bound: float
    number: int
    multipliers: Floats = field(compare=False)
    candidates: Sites = field(compare=False)
    fixed: int = field(compare=False)


@dataclass
class _LagrangianBound:
    """The best bound found, with its multipliers and reduced costs, and how often each candidate was chosen."""

    value: float
    multipliers: Floats
    reduced_costs: Floats
    times_chosen: Floats


class _TreeSearch:
    """A search for the best sites of one instance, until all is proven or the time is over."""

    def __init__(self, costs: Floats, p: int, deadline: float, on_progress: ProgressCallback):
        self.costs, self.p, self.deadline, self.on_progress = costs, p, deadline, on_progress
        self.is_whole = bool((costs == np.rint(costs)).all())
        self.sites = interchange(costs, greedy_sites(costs, p)) if p < costs.shape[1] else np.arange(p)
        self.objective = total_cost(costs, self.sites)
        self.tried: set[tuple[int, ...]] = set()

    @property
    def sufficient_bound(self) -> float:
        """The bound above which no better solution can exist."""
        return self.objective - (1 - 1e-6 if self.is_whole else self.objective * TOLERANCE)

    def run(self) -> SitingSolution:
        is_trivial = self.p in (1, self.costs.shape[1]) or not self.objective
        lower = self.objective if is_trivial else self.search()
        proven = lower > self.sufficient_bound or lower >= self.objective
        if self.is_whole:
            lower = float(np.ceil(lower - 1e-6))
        bound = self.objective if proven else min(self.objective, lower)
        return SitingSolution(tuple(sorted(self.sites.tolist())), self.objective, bound, proven)

    def search(self) -> float:
        """Search the node with the least bound first; return a bound that no solution can be below."""
        start = np.partition(self.costs[:, self.sites], 1, axis=1)[:, 1]
        tree = [_Node(0.0, 0, start, np.arange(self.costs.shape[1]), 0)]
        number = searched = 0
        while tree and tree[0].bound <= self.sufficient_bound and self.objective:
            if time.monotonic() > self.deadline:
                return tree[0].bound
            node = heapq.heappop(tree)
            lagrangian = self.raise_bound(node, NODE_SETTINGS if searched else ROOT_SETTINGS)
            searched += 1
            bound = max(node.bound, lagrangian.value)
            self.on_progress(searched, bound, self.objective)
            for candidates, fixed in self.branch(node, lagrangian):
                number += 1
                heapq.heappush(tree, _Node(bound, number, lagrangian.multipliers, candidates, fixed))
        return tree[0].bound if tree else self.objective

    def raise_bound(self, node: _Node, settings: _AscentSettings) -> _LagrangianBound:
        """Raise the node's bound by subgradient ascent, and try the sites that the relaxation chooses."""
        costs, fixed, to_open = self.costs[:, node.candidates], node.fixed, self.p - node.fixed
        always = np.arange(fixed)
        multipliers, step_size, idle = node.multipliers, settings.step_size, 0
        best = _LagrangianBound(-np.inf, multipliers, np.empty(0), np.zeros(len(node.candidates)))
        for step in range(settings.steps):
            reduced_costs = np.minimum(costs - multipliers[:, None], 0.0).sum(axis=0)
            cheapest = np.argpartition(reduced_costs[fixed:], to_open - 1)[:to_open]
            chosen = np.concatenate([always, fixed + cheapest])
            bound = float(multipliers.sum() + reduced_costs[chosen].sum())
            if bound > best.value + 1e-7 * self.objective:
                best.value, best.multipliers, best.reduced_costs, idle = bound, multipliers, reduced_costs, 0
            else:
                idle += 1
                if idle == settings.patience:
                    step_size, idle = step_size * settings.shrink, 0
            best.times_chosen[chosen] += 1
            is_thorough = step % settings.thorough == settings.thorough - 1
            self.try_sites(node.candidates[chosen], improve_always=is_thorough)
            if (
                best.value > self.sufficient_bound
                or not self.objective
                or step_size < settings.min_step_size
                or time.monotonic() > self.deadline
            ):
                break
            subgradient = 1.0 - (costs[:, chosen] < multipliers[:, None]).sum(axis=1)
            squared_length = float(subgradient @ subgradient)
            if not squared_length:
                break
            distance = settings.target * self.objective - bound
            multipliers = multipliers + step_size * distance / squared_length * subgradient
        return best

    def try_sites(self, sites: Sites, *, improve_always: bool = False) -> None:
        """Keep these sites, improved by interchange where that is promising, if they are the best so far."""
        key = tuple(sorted(sites.tolist()))
        if key in self.tried:
            return
        self.tried.add(key)
        total = total_cost(self.costs, sites)
        if improve_always or total < self.objective * MAX_RATIO_TO_INTERCHANGE:
            sites = interchange(self.costs, sites)
            total = total_cost(self.costs, sites)
        if total < self.objective:
            self.objective, self.sites = total, sites

    def branch(self, node: _Node, lagrangian: _LagrangianBound) -> list[tuple[Sites, int]]:
        """Divide the node's solutions in two: with the most chosen open candidate, and without it.

        With L the bound and g the reduced costs of the candidates still open, opening j costs at least
        L + gⱼ − (the last g chosen), leaving it closed at least L − gⱼ + (the first g not chosen).
        """
        if lagrangian.value > self.sufficient_bound:
            return []
        to_open = self.p - node.fixed
        reduced_costs = lagrangian.reduced_costs[node.fixed :]
        ordered = np.sort(reduced_costs)
        slack = self.sufficient_bound - lagrangian.value
        may_open = reduced_costs - ordered[to_open - 1] <= slack
        must_open = ordered[to_open] - reduced_costs > slack if to_open < len(reduced_costs) else may_open
        times_chosen = lagrangian.times_chosen[node.fixed :].copy()
        rest = node.candidates[node.fixed :]
        fixed = np.concatenate([node.candidates[: node.fixed], rest[must_open]])
        is_free = may_open & ~must_open
        free, times_chosen = rest[is_free], times_chosen[is_free]
        if len(fixed) == self.p:
            free = free[:0]
        if len(fixed) + len(free) == self.p:
            self.try_sites(np.concatenate([fixed, free]))
        if len(fixed) >= self.p or len(fixed) + len(free) <= self.p:
            return []
        pick = int(times_chosen.argmax())
        with_pick, others = np.concatenate([fixed, free[pick : pick + 1]]), np.delete(free, pick)
        without = (np.concatenate([fixed, others]), len(fixed))
        if len(with_pick) == self.p:
            self.try_sites(with_pick)
            return [without]
        return [without, (np.concatenate([with_pick, others]), len(with_pick))]
