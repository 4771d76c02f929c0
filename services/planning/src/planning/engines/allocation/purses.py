"""Voters' purses in floating point, each figure with a bound on its error.

The rule makes two kinds of decision: can a project's supporters pay it, and which project asks the least.
Both are taken here only when the bounds leave no doubt; otherwise the caller asks `ExactPurses`.

Why the bounds hold. `error[g]` bounds |held purse − true purse|. The true price π solves f(π) = cost with
f(π) = Σ count·min(purse, π·points): concave, increasing, its slope at least R, the weight of the supporters
who can surely pay more than π. Purses that may be emptied move f by at most E = Σ count·error over them,
rounding by r (the usual bound k·ε/(1−k·ε) for a sum of k terms, Higham 2002, §4.2). Hence f at π̂ ± δ with
δ = (E + r) / R lies on either side of the cost, so |π − π̂| ≤ δ. A payment moves a purse's error by at most
δ·points and one rounding; who surely gives all is left with nothing, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.utility import Utility
from planning.engines.arrays import Floats

EPSILON = float(np.finfo(float).eps)
# Purses closer than this share of the payment to it count as unsure: far above rounding, far below a cent.
DOUBT = 1e-9
# Below this, sums of whole numbers are exact in floating point.
WHOLE = 2.0**52


@dataclass(frozen=True)
class Quote:
    """The price π of a project, somewhere in [at − margin, at + margin].

    `ratio` is π itself as a pair of whole numbers when nobody's purse enters it: every supporter either
    pays in full or has nothing.
    """

    at: float
    margin: float
    ratio: tuple[int, int] | None = None


class Undecided(Exception):
    """The error bound is too wide for this question."""


class Purses:
    """What every voter still has, approximately."""

    def __init__(self, profile: Profile, utility: Utility):
        self.costs = [float(cost) for cost in profile.costs]
        self.whole_costs = profile.costs
        self.who = profile.supporters
        self.points = [
            points.astype(float) if (points != 1).any() else np.float64(1) for points in utility.points
        ]
        self.counts = [profile.counts[who].astype(float) for who in self.who]
        self.weights = [count * points for count, points in zip(self.counts, self.points, strict=True)]
        self.weight = [float(weights.sum()) for weights in self.weights]
        self.left = np.zeros(len(profile.ballots))
        self.error = np.zeros(len(profile.ballots))

    def fill(self, endowment: Fraction) -> None:
        """Gives every voter the endowment: the state before the first purchase."""
        self.left.fill(float(endowment))
        self.error.fill(0.0 if Fraction(float(endowment)) == endowment else float(endowment) * EPSILON)

    def quote(self, project: int, guess: float) -> Quote | None:
        """The project's price; None when it is surely not affordable. `guess` is a price not above it.

        Raises Undecided.
        """
        if self.weight[project] > WHOLE:
            raise Undecided
        who, counts, weights = self.who[project], self.counts[project], self.weights[project]
        cost, points = self.costs[project], self.points[project]
        left, error = self.left[who], self.error[who]
        held, blur = counts * left, counts * error
        total = float(held.sum())
        doubt = float(blur.sum()) + (len(who) + 4) * EPSILON * (total + cost)
        if total + doubt < cost:
            return None
        if total - doubt < cost:
            raise Undecided
        at = self._settle(project, held, left, guess)
        rich = left - error > at * (1 + DOUBT) * points
        slope, poor = float(weights.dot(rich)), ~rich
        blurred = float(blur.dot(poor))
        rounding = 4 * (len(who) + 8) * EPSILON * cost
        margin = (blurred + rounding) / slope if slope else np.inf
        if not margin < at * DOUBT / 4:
            raise Undecided
        untouched = blurred == 0 and float(held.dot(poor)) == 0
        return Quote(at, margin, (self.whole_costs[project], int(slope)) if untouched else None)

    def _settle(self, project: int, held: Floats, left: Floats, guess: float) -> float:
        """Newton's steps on a concave, piecewise linear function: from the left they never overshoot."""
        cost, points = self.costs[project], self.points[project]
        weights, whole = self.weights[project], self.weight[project]
        at, before = guess, -1.0
        for _ in range(len(held) + 2):
            poor = left < at * points
            weight = whole - float(weights.dot(poor))
            if weight <= 0:
                raise Undecided
            if weight == before:
                return at
            at, before = (cost - float(held.dot(poor))) / weight, weight
        raise Undecided

    def buy(self, project: int, quote: Quote) -> None:
        """The supporters pay the quoted price."""
        who, points = self.who[project], self.points[project]
        left, error = self.left[who], self.error[who]
        asked = quote.at * points
        gives_all = left + error < asked * (1 - DOUBT)
        rounding = 4 * EPSILON * (left + asked)
        self.left[who] = np.where(gives_all, 0.0, np.maximum(left - asked, 0.0))
        self.error[who] = np.where(gives_all, 0.0, error + quote.margin * points + rounding)

    def take_over(self, project: int, left: NDArray[np.object_], unit: int) -> None:
        """Corrects the purses of a project's supporters by exact ones, `left / unit` for each ballot."""
        who = self.who[project]
        self.left[who] = [int(amount) / unit for amount in left[who]]
        self.error[who] = self.left[who] * EPSILON
