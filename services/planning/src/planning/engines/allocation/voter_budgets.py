"""Voters' budgets in floating point, each amount with a bound on its error.

The rule makes two kinds of decision: whether a project's supporters can pay its cost, and which project has the
lowest price. This module decides only where the error bounds leave no doubt. Otherwise the caller asks
`ExactVoterBudgets`.

The bounds hold for this reason. `error[g]` bounds |stored budget − true budget|. The true price π solves
f(π) = cost with f(π) = Σ count·min(budget, π·points), which is concave and increasing; its slope is at least R, the
weight of the supporters who can certainly pay more than π. Budgets that may be used up change f by at most
E = Σ count·error over them, and rounding changes it by at most r (the usual bound k·ε/(1−k·ε) for a sum of k terms,
Higham 2002, §4.2). Hence f at π̂ ± δ with δ = (E + r) / R lies on either side of the cost, so |π − π̂| ≤ δ. A payment
changes a budget's error by at most δ·points and one rounding. A supporter who certainly pays everything has exactly
nothing left.
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
# A budget within this share of the payment is treated as undecided: far above rounding, far below a cent.
RELATIVE_TOLERANCE = 1e-9
# Sums of whole numbers below this are exact in floating point.
MAX_EXACT_SUM = 2.0**52


@dataclass(frozen=True)
class PriceEstimate:
    """The price π of a project, which lies in [price − margin, price + margin].

    `ratio` is π itself as a pair of whole numbers where no partly used budget enters it: every supporter either
    pays the full price or has nothing left.
    """

    price: float
    margin: float
    ratio: tuple[int, int] | None = None


class InsufficientPrecision(Exception):
    """The error bounds are too wide to decide this in floating point."""


class VoterBudgets:
    """The money that the voters of each ballot still have, approximately."""

    def __init__(self, profile: Profile, utility: Utility):
        self.costs = [float(cost) for cost in profile.costs]
        self.whole_costs = profile.costs
        self.supporters = profile.supporters
        self.points = [
            points.astype(float) if (points != 1).any() else np.float64(1) for points in utility.points
        ]
        self.counts = [profile.counts[supporters].astype(float) for supporters in self.supporters]
        self.weights = [count * points for count, points in zip(self.counts, self.points, strict=True)]
        self.total_weight = [float(weights.sum()) for weights in self.weights]
        self.remaining = np.zeros(len(profile.ballots))
        self.error = np.zeros(len(profile.ballots))

    def reset(self, endowment: Fraction) -> None:
        """Give every voter the endowment, as before the first purchase."""
        self.remaining.fill(float(endowment))
        self.error.fill(0.0 if Fraction(float(endowment)) == endowment else float(endowment) * EPSILON)

    def estimate_price(self, project: int, lower_bound: float) -> PriceEstimate | None:
        """Return the project's price, or None where its supporters certainly cannot pay the cost.

        `lower_bound` is any price not above the true one. Raises InsufficientPrecision.
        """
        if self.total_weight[project] > MAX_EXACT_SUM:
            raise InsufficientPrecision
        supporters, counts, weights = self.supporters[project], self.counts[project], self.weights[project]
        cost, points = self.costs[project], self.points[project]
        remaining, error = self.remaining[supporters], self.error[supporters]
        money, money_error = counts * remaining, counts * error
        total = float(money.sum())
        total_error = float(money_error.sum()) + (len(supporters) + 4) * EPSILON * (total + cost)
        if total + total_error < cost:
            return None
        if total - total_error < cost:
            raise InsufficientPrecision
        price = self._solve_price(project, money, remaining, lower_bound)
        pays_in_full = remaining - error > price * (1 + RELATIVE_TOLERANCE) * points
        slope, may_run_out = float(weights.dot(pays_in_full)), ~pays_in_full
        error_at_limit = float(money_error.dot(may_run_out))
        rounding = 4 * (len(supporters) + 8) * EPSILON * cost
        margin = (error_at_limit + rounding) / slope if slope else np.inf
        if not margin < price * RELATIVE_TOLERANCE / 4:
            raise InsufficientPrecision
        is_ratio = error_at_limit == 0 and float(money.dot(may_run_out)) == 0
        return PriceEstimate(price, margin, (self.whole_costs[project], int(slope)) if is_ratio else None)

    def _solve_price(self, project: int, money: Floats, remaining: Floats, lower_bound: float) -> float:
        """Solve f(π) = cost by Newton's method.

        f is concave and piecewise linear, so steps from below never overshoot.
        """
        cost, points = self.costs[project], self.points[project]
        weights, total_weight = self.weights[project], self.total_weight[project]
        price, previous_weight = lower_bound, -1.0
        for _ in range(len(money) + 2):
            runs_out = remaining < price * points
            weight = total_weight - float(weights.dot(runs_out))
            if weight <= 0:
                raise InsufficientPrecision
            if weight == previous_weight:
                return price
            price, previous_weight = (cost - float(money.dot(runs_out))) / weight, weight
        raise InsufficientPrecision

    def buy(self, project: int, estimate: PriceEstimate) -> None:
        """Take the estimated price from the budgets of the project's supporters."""
        supporters, points = self.supporters[project], self.points[project]
        remaining, error = self.remaining[supporters], self.error[supporters]
        payment = estimate.price * points
        pays_everything = remaining + error < payment * (1 - RELATIVE_TOLERANCE)
        rounding = 4 * EPSILON * (remaining + payment)
        self.remaining[supporters] = np.where(pays_everything, 0.0, np.maximum(remaining - payment, 0.0))
        self.error[supporters] = np.where(pays_everything, 0.0, error + estimate.margin * points + rounding)

    def set_exact(self, project: int, remaining: NDArray[np.object_], unit: int) -> None:
        """Replace the budgets of a project's supporters by exact ones, `remaining / unit` for each ballot."""
        supporters = self.supporters[project]
        self.remaining[supporters] = [int(amount) / unit for amount in remaining[supporters]]
        self.error[supporters] = self.remaining[supporters] * EPSILON
