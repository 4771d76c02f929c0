"""The Method of Equal Shares (Peters, Pierczyński, Skowron 2021) with the add1 completion.

Every voter gets budget/voters. The project that asks its supporters the least per unit of utility (ρ) is
bought again and again, each supporter paying min(what is left, ρ·u), until no supporters can pay any more.
add1 gives every voter `increment` more and starts over, as long as the outcome fits the budget; it never
stops early. Ties: more votes, then the lower cost, then the id (docs/using/allocation.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.exact import ExactPurses
from planning.engines.allocation.purses import EPSILON, Purses, Quote, Undecided
from planning.engines.allocation.utility import Utility
from planning.engines.arrays import Floats

Watch = Callable[[int], None]


@dataclass(frozen=True)
class Shares:
    """The projects bought, in the order of purchase, and what each voter started with (money units)."""

    bought: tuple[int, ...]
    endowment: Fraction


def equal_shares(
    profile: Profile, utility: Utility, *, increment: Fraction | None = None, watch: Watch | None = None
) -> Shares:
    """Equal shares of the profile's budget; with an `increment` (currency units per voter) also add1.

    `watch` hears how many add1 rounds are done.
    """
    if not profile.voters:
        return Shares((), Fraction(0))
    market = _Market(profile, utility)
    start = Fraction(profile.budget, profile.voters)
    if increment is None:
        return Shares(market.run(start), start)
    step = increment * profile.money_unit
    if step <= 0:
        raise ValueError("the increment must be above zero")
    if profile.total(market.wanted) <= profile.budget:
        return _everything(market, start, step)
    rounds, stride, bought = 0, 1, market.run(start)
    while True:
        if market.holds(bought, start + rounds * step, start + (rounds + stride) * step):
            rounds, stride = rounds + stride, 2 * stride
        elif stride > 1:
            stride = max(1, stride // 4)
            continue
        else:
            richer = market.run(start + (rounds + 1) * step)
            if profile.total(richer) > profile.budget:
                return Shares(bought, start + rounds * step)
            rounds, bought = rounds + 1, richer
        if watch:
            watch(rounds)


def _everything(market: _Market, start: Fraction, step: Fraction) -> Shares:
    """Where the budget pays for all that anybody wants, add1 ends only with all of it.

    No outcome can exceed the budget then, so the rounds in between need not be walked through: a round
    that buys everything is found by doubling and halving.
    """
    few, many = -1, 0
    while len(market.run(start + many * step)) < len(market.wanted):
        few, many = many, max(1, 2 * many)
    while many - few > 1:
        half = (few + many) // 2
        if len(market.run(start + half * step)) < len(market.wanted):
            few = half
        else:
            many = half
    richer = start + many * step
    return Shares(market.run(richer), richer)


@dataclass(frozen=True)
class _Offer:
    """A project's ρ, between `low` and `high`; `ratio` when it is known exactly."""

    low: float
    high: float
    ratio: Fraction | None

    @classmethod
    def exact(cls, ratio: Fraction) -> _Offer:
        near = float(ratio)
        return cls(near * (1 - EPSILON), near * (1 + EPSILON), ratio)


@dataclass(frozen=True)
class _Quoted(_Offer):
    """An offer from purses in floating point, by which they can pay."""

    quote: Quote

    @classmethod
    def of(cls, quote: Quote, base: int) -> _Quoted:
        return cls(
            low=(quote.at - quote.margin) / base * (1 - 4 * EPSILON),
            high=(quote.at + quote.margin) / base * (1 + 4 * EPSILON),
            ratio=Fraction(quote.ratio[0], quote.ratio[1] * base) if quote.ratio else None,
            quote=quote,
        )


class _Market:
    """Runs of the rule over one profile, with what they share prepared once."""

    def __init__(self, profile: Profile, utility: Utility):
        self.profile, self.utility = profile, utility
        self.purses, self.richer = Purses(profile, utility), Purses(profile, utility)
        self.tie_order = profile.tie_order()
        self.wanted = [c for c, votes in enumerate(profile.votes) if votes]
        self.free = tuple(c for c in self.wanted if not profile.costs[c])
        # ρ can only rise while purses empty; before the first purchase it is at least cost / all utility.
        self.least = np.full(len(profile.projects), np.inf)
        for c in self.wanted:
            if profile.costs[c]:
                whole = profile.costs[c] / (self.purses.weight[c] * utility.base[c])
                self.least[c] = whole * (1 - 8 * EPSILON)

    def run(self, endowment: Fraction) -> tuple[int, ...]:
        """The projects bought when every voter starts with the endowment."""
        self.purses.fill(endowment)
        least = self.least.copy()
        bought = [*self.free]
        judge = _Judge(self, endowment, bought)
        while True:
            offers = self._offers(least, judge)
            if not offers:
                return tuple(bought)
            winner = self._best(offers, judge)
            for project, offer in offers.items():
                least[project] = offer.low
            least[winner] = np.inf
            self._buy(winner, offers[winner], judge)
            bought.append(winner)

    def holds(self, bought: tuple[int, ...], poorer: Fraction, richer: Fraction) -> bool:
        """Whether every endowment from `poorer` to `richer` surely buys `bought`, as `poorer` does.

        As long as the purchases are the same, more endowment means fuller purses and lower prices. So
        what a project asks at any endowment between lies between what it asks at the two ends: the winner
        at `poorer` wins at all of them if no rival asks less even at `richer`, and what `richer` cannot
        pay nobody can. False means only that this was not shown.
        """
        self.purses.fill(poorer)
        self.richer.fill(richer)
        least = self.least.copy()
        try:
            for winner in bought[len(self.free) :]:
                least[winner] = np.inf
                dearest = self._quoted(self.purses, winner, self.least[winner])
                cheapest = self._quoted(self.richer, winner, self.least[winner])
                if dearest is None or cheapest is None or not self._unrivalled(winner, dearest, least):
                    return False
                self.purses.buy(winner, dearest.quote)
                self.richer.buy(winner, cheapest.quote)
            rest = np.flatnonzero(least < np.inf)
            return all(self._quoted(self.richer, int(c), least[c]) is None for c in rest)
        except Undecided:
            return False

    def _unrivalled(self, winner: int, offer: _Offer, least: Floats) -> bool:
        """Whether no project asks less than the offer in the richer purses; narrows `least` on the way."""
        level: list[tuple[int, float]] = []
        while True:
            rival = int(least.argmin())
            if least[rival] > offer.high or least[rival] == np.inf:
                break
            asked = self._quoted(self.richer, rival, least[rival])
            least[rival] = np.inf
            if asked is None:
                continue
            if asked.low <= offer.high:
                if offer.ratio is None or asked.ratio is None:
                    return False
                if (asked.ratio, self.tie_order[rival]) < (offer.ratio, self.tie_order[winner]):
                    return False
            level.append((rival, asked.low))
        for rival, low in level:
            least[rival] = low
        return True

    def _quoted(self, purses: Purses, project: int, bound: float) -> _Quoted | None:
        base = self.utility.base[project]
        quote = purses.quote(project, bound * base)
        return None if quote is None else _Quoted.of(quote, base)

    def _offers(self, least: Floats, judge: _Judge) -> dict[int, _Offer]:
        """The offers of all projects that could be the best; projects that nobody can pay drop out."""
        offers: dict[int, _Offer] = {}
        ceiling = np.inf
        while True:
            project = int(least.argmin())
            bound = float(least[project])
            if bound > ceiling or bound == np.inf:
                return offers
            least[project] = np.inf
            offer = self._offer(project, bound, judge)
            if offer is not None:
                offers[project] = offer
                ceiling = min(ceiling, offer.high)

    def _offer(self, project: int, bound: float, judge: _Judge) -> _Offer | None:
        try:
            return self._quoted(self.purses, project, bound)
        except Undecided:
            return judge.offer(project)

    def _best(self, offers: dict[int, _Offer], judge: _Judge) -> int:
        ceiling = min(offer.high for offer in offers.values())
        close = [project for project, offer in offers.items() if offer.low <= ceiling]
        if len(close) == 1:
            return close[0]
        ratios = {project: offers[project].ratio or judge.ratio(project) for project in close}
        return min(close, key=lambda project: (ratios[project], self.tie_order[project]))

    def _buy(self, project: int, offer: _Offer, judge: _Judge) -> None:
        if isinstance(offer, _Quoted):
            self.purses.buy(project, offer.quote)
        else:
            exact = judge.purses([*judge.bought, project])
            self.purses.take_over(project, exact.left, exact.unit)


class _Judge:
    """Exact answers for one run, computed only when asked for."""

    def __init__(self, market: _Market, endowment: Fraction, bought: list[int]):
        self.market, self.endowment, self.bought = market, endowment, bought
        self._purses: ExactPurses | None = None

    def purses(self, bought: list[int]) -> ExactPurses:
        if self._purses is None:
            self._purses = ExactPurses(self.market.profile, self.market.utility, self.endowment)
        self._purses.catch_up(bought)
        return self._purses

    def offer(self, project: int) -> _Offer | None:
        ratio = self._ratio(project)
        return None if ratio is None else _Offer.exact(ratio)

    def ratio(self, project: int) -> Fraction:
        found = self._ratio(project)
        if found is None:
            raise AssertionError("a project with an offer is affordable")
        return found

    def _ratio(self, project: int) -> Fraction | None:
        price = self.purses(self.bought).price(project)
        return None if price is None else price / self.market.utility.base[project]
