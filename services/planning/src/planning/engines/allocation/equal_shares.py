"""The Method of Equal Shares (Peters, Pierczyński, Skowron 2021) with the add1 completion.

Every voter gets budget/voters. Then the project with the lowest price per unit of utility (ρ) is bought, again and
again, each supporter paying min(remaining budget, ρ·u), until no project's supporters can pay its cost. add1 gives
every voter `increment` more and starts over as long as the outcome fits the budget; it never stops early.
Ties: more votes, then the lower cost, then the id (docs/using/allocation.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.exact_budgets import ExactVoterBudgets
from planning.engines.allocation.utility import Utility
from planning.engines.allocation.voter_budgets import (
    EPSILON,
    InsufficientPrecision,
    PriceEstimate,
    VoterBudgets,
)
from planning.engines.arrays import Floats

ProgressCallback = Callable[[int], None]
"""A function that is called with the number of add1 rounds done."""


@dataclass(frozen=True)
class EqualShares:
    """The projects bought, in the order of purchase, and the initial budget of each voter (in money units)."""

    bought: tuple[int, ...]
    endowment: Fraction


def equal_shares(
    profile: Profile,
    utility: Utility,
    *,
    increment: Fraction | None = None,
    on_progress: ProgressCallback | None = None,
) -> EqualShares:
    """Run equal shares on the profile's budget; with an `increment` (currency units per voter) also add1.

    `on_progress` is called with the number of add1 rounds done. Raises ValueError for an increment that is not
    positive.
    """
    if not profile.voters:
        return EqualShares((), Fraction(0))
    rule = _Rule(profile, utility)
    start = Fraction(profile.budget, profile.voters)
    if increment is None:
        return EqualShares(rule.run(start), start)
    step = increment * profile.money_unit
    if step <= 0:
        raise ValueError("The increment must be above zero.")
    if profile.total_cost(rule.supported) <= profile.budget:
        return _buy_everything(rule, start, step)
    rounds, stride, bought = 0, 1, rule.run(start)
    while True:
        if rule.buys_the_same(bought, start + rounds * step, start + (rounds + stride) * step):
            rounds, stride = rounds + stride, 2 * stride
        elif stride > 1:
            stride = max(1, stride // 4)
            continue
        else:
            next_bought = rule.run(start + (rounds + 1) * step)
            if profile.total_cost(next_bought) > profile.budget:
                return EqualShares(bought, start + rounds * step)
            rounds, bought = rounds + 1, next_bought
        if on_progress:
            on_progress(rounds)


def _buy_everything(rule: _Rule, start: Fraction, step: Fraction) -> EqualShares:
    """Run add1 where the budget pays for every supported project, so that it ends only with all of them.

    No outcome can exceed the budget then, so the rounds in between need not be run one by one. The search doubles
    and halves the number of rounds until it finds one that buys everything.
    """
    too_few, enough = -1, 0
    while len(rule.run(start + enough * step)) < len(rule.supported):
        too_few, enough = enough, max(1, 2 * enough)
    while enough - too_few > 1:
        half = (too_few + enough) // 2
        if len(rule.run(start + half * step)) < len(rule.supported):
            too_few = half
        else:
            enough = half
    endowment = start + enough * step
    return EqualShares(rule.run(endowment), endowment)


@dataclass(frozen=True)
class _PriceBounds:
    """A project's price ρ, between `low` and `high`; `ratio` where it is known exactly."""

    low: float
    high: float
    ratio: Fraction | None

    @classmethod
    def from_ratio(cls, ratio: Fraction) -> _PriceBounds:
        near = float(ratio)
        return cls(near * (1 - EPSILON), near * (1 + EPSILON), ratio)


@dataclass(frozen=True)
class _EstimatedBounds(_PriceBounds):
    """Bounds from floating-point budgets, which can pay by the estimate they come from."""

    estimate: PriceEstimate

    @classmethod
    def from_estimate(cls, estimate: PriceEstimate, base: int) -> _EstimatedBounds:
        return cls(
            low=(estimate.price - estimate.margin) / base * (1 - 4 * EPSILON),
            high=(estimate.price + estimate.margin) / base * (1 + 4 * EPSILON),
            ratio=Fraction(estimate.ratio[0], estimate.ratio[1] * base) if estimate.ratio else None,
            estimate=estimate,
        )


class _Rule:
    """Runs of the rule over one profile, with the values they share computed once."""

    def __init__(self, profile: Profile, utility: Utility):
        self.profile, self.utility = profile, utility
        self.budgets, self.larger_budgets = VoterBudgets(profile, utility), VoterBudgets(profile, utility)
        self.tie_ranks = profile.tie_ranks()
        self.supported = [c for c, votes in enumerate(profile.votes) if votes]
        self.free = tuple(c for c in self.supported if not profile.costs[c])
        # ρ can only rise while budgets shrink; before the first purchase it is at least cost / total utility.
        self.lowest_prices = np.full(len(profile.projects), np.inf)
        for c in self.supported:
            if profile.costs[c]:
                if_all_pay = profile.costs[c] / (self.budgets.total_weight[c] * utility.base[c])
                self.lowest_prices[c] = if_all_pay * (1 - 8 * EPSILON)

    def run(self, endowment: Fraction) -> tuple[int, ...]:
        """Return the projects bought when every voter starts with the endowment."""
        self.budgets.reset(endowment)
        lowest = self.lowest_prices.copy()
        bought = [*self.free]
        exact = _ExactPrices(self, endowment, bought)
        while True:
            candidates = self._candidates(lowest, exact)
            if not candidates:
                return tuple(bought)
            winner = self._cheapest(candidates, exact)
            for project, bounds in candidates.items():
                lowest[project] = bounds.low
            lowest[winner] = np.inf
            self._buy(winner, candidates[winner], exact)
            bought.append(winner)

    def buys_the_same(self, bought: tuple[int, ...], smaller: Fraction, larger: Fraction) -> bool:
        """Check that every endowment from `smaller` to `larger` certainly buys `bought`, as `smaller` does.

        As long as the purchases are the same, a larger endowment means larger remaining budgets and lower prices.
        So a project's price at any endowment in between lies between its prices at the two ends: the winner at
        `smaller` wins at all of them if no rival is cheaper even at `larger`, and a project that voters with
        `larger` cannot pay is paid at none of them. False means only that this was not shown.
        """
        self.budgets.reset(smaller)
        self.larger_budgets.reset(larger)
        lowest = self.lowest_prices.copy()
        try:
            for winner in bought[len(self.free) :]:
                lowest[winner] = np.inf
                highest_price = self._estimate(self.budgets, winner, self.lowest_prices[winner])
                lowest_price = self._estimate(self.larger_budgets, winner, self.lowest_prices[winner])
                if (
                    highest_price is None
                    or lowest_price is None
                    or not self._is_cheapest(winner, highest_price, lowest)
                ):
                    return False
                self.budgets.buy(winner, highest_price.estimate)
                self.larger_budgets.buy(winner, lowest_price.estimate)
            rest = np.flatnonzero(lowest < np.inf)
            return all(self._estimate(self.larger_budgets, int(c), lowest[c]) is None for c in rest)
        except InsufficientPrecision:
            return False

    def _is_cheapest(self, winner: int, bounds: _PriceBounds, lowest: Floats) -> bool:
        """Check that no project is cheaper with the larger budgets; raises the values of `lowest` on the way."""
        examined: list[tuple[int, float]] = []
        while True:
            rival = int(lowest.argmin())
            if lowest[rival] > bounds.high or lowest[rival] == np.inf:
                break
            rival_bounds = self._estimate(self.larger_budgets, rival, lowest[rival])
            lowest[rival] = np.inf
            if rival_bounds is None:
                continue
            if rival_bounds.low <= bounds.high:
                if bounds.ratio is None or rival_bounds.ratio is None:
                    return False
                if (rival_bounds.ratio, self.tie_ranks[rival]) < (bounds.ratio, self.tie_ranks[winner]):
                    return False
            examined.append((rival, rival_bounds.low))
        for rival, low in examined:
            lowest[rival] = low
        return True

    def _estimate(self, budgets: VoterBudgets, project: int, lower_bound: float) -> _EstimatedBounds | None:
        base = self.utility.base[project]
        estimate = budgets.estimate_price(project, lower_bound * base)
        return None if estimate is None else _EstimatedBounds.from_estimate(estimate, base)

    def _candidates(self, lowest: Floats, exact: _ExactPrices) -> dict[int, _PriceBounds]:
        """Return the prices of all projects that could be the cheapest; projects nobody can pay drop out."""
        candidates: dict[int, _PriceBounds] = {}
        ceiling = np.inf
        while True:
            project = int(lowest.argmin())
            lower_bound = float(lowest[project])
            if lower_bound > ceiling or lower_bound == np.inf:
                return candidates
            lowest[project] = np.inf
            bounds = self._bounds(project, lower_bound, exact)
            if bounds is not None:
                candidates[project] = bounds
                ceiling = min(ceiling, bounds.high)

    def _bounds(self, project: int, lower_bound: float, exact: _ExactPrices) -> _PriceBounds | None:
        try:
            return self._estimate(self.budgets, project, lower_bound)
        except InsufficientPrecision:
            return exact.bounds(project)

    def _cheapest(self, candidates: dict[int, _PriceBounds], exact: _ExactPrices) -> int:
        ceiling = min(bounds.high for bounds in candidates.values())
        close = [project for project, bounds in candidates.items() if bounds.low <= ceiling]
        if len(close) == 1:
            return close[0]
        ratios = {project: candidates[project].ratio or exact.ratio(project) for project in close}
        return min(close, key=lambda project: (ratios[project], self.tie_ranks[project]))

    def _buy(self, project: int, bounds: _PriceBounds, exact: _ExactPrices) -> None:
        if isinstance(bounds, _EstimatedBounds):
            self.budgets.buy(project, bounds.estimate)
        else:
            after = exact.budgets([*exact.bought, project])
            self.budgets.set_exact(project, after.remaining, after.unit)


class _ExactPrices:
    """Exact prices within one run, computed only when they are asked for."""

    def __init__(self, rule: _Rule, endowment: Fraction, bought: list[int]):
        self.rule, self.endowment, self.bought = rule, endowment, bought
        self._budgets: ExactVoterBudgets | None = None

    def budgets(self, bought: list[int]) -> ExactVoterBudgets:
        if self._budgets is None:
            self._budgets = ExactVoterBudgets(self.rule.profile, self.rule.utility, self.endowment)
        self._budgets.replay(bought)
        return self._budgets

    def bounds(self, project: int) -> _PriceBounds | None:
        ratio = self._ratio(project)
        return None if ratio is None else _PriceBounds.from_ratio(ratio)

    def ratio(self, project: int) -> Fraction:
        ratio = self._ratio(project)
        if ratio is None:
            raise AssertionError("A project with price bounds is affordable.")
        return ratio

    def _ratio(self, project: int) -> Fraction | None:
        price = self.budgets(self.bought).price(project)
        return None if price is None else price / self.rule.utility.base[project]
