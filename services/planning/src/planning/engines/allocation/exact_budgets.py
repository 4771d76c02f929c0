"""Voters' budgets in exact arithmetic: the definition of equal shares, used where floating point cannot decide."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planning.engines.allocation.ballots import Profile
from planning.engines.allocation.utility import Utility


@dataclass(frozen=True)
class Payment:
    """The payment of each supporting ballot per voter, as `shares / unit` of the profile's money unit."""

    shares: NDArray[Any]
    unit: int


class ExactVoterBudgets:
    """The money that every voter still has, as whole numbers over one common denominator.

    A voter of ballot g has `remaining[g] / unit`. The common denominator grows with each purchase. That is cheaper
    than a fraction per voter, because whole numbers need no common divisor at each step.
    """

    def __init__(self, profile: Profile, utility: Utility, endowment: Fraction):
        self.profile, self.utility = profile, utility
        self.remaining = np.full(len(profile.ballots), endowment.numerator, dtype=object)
        self.unit = endowment.denominator
        self.bought: list[int] = []

    def replay(self, bought: list[int]) -> None:
        """Make the purchases of `bought` that were not yet made here."""
        for project in bought[len(self.bought) :]:
            self.buy(project)

    def price(self, project: int) -> Fraction | None:
        """Return π, the price per point of support at which the supporters together pay the project's cost.

        Solves Σ min(budget, π·points) = cost. None where the supporters do not have the cost.
        """
        solved = self._solve_price(project)
        return None if solved is None else Fraction(solved[0], solved[1] * self.unit)

    def _solve_price(self, project: int) -> tuple[int, int] | None:
        supporters = self.profile.supporters[project]
        counts = self.profile.counts[supporters].astype(object)
        points = self.utility.points[project].astype(object)
        remaining, cost = self.remaining[supporters], self.profile.costs[project] * self.unit
        if int((counts * remaining).sum()) < cost:
            return None
        uncovered, weight = cost, int((counts * points).sum())
        while True:
            runs_out = remaining * weight < points * uncovered
            rest = cost - int((counts[runs_out] * remaining[runs_out]).sum())
            weight_of_others = int((counts[~runs_out] * points[~runs_out]).sum())
            if weight_of_others == weight:
                return uncovered, weight
            uncovered, weight = rest, weight_of_others

    def buy(self, project: int) -> Payment:
        """Take π per point, or all that is left, from each supporter.

        Raises ValueError where the supporters cannot pay the cost.
        """
        solved = self._solve_price(project)
        if solved is None:
            raise ValueError(
                f"The supporters of project {self.profile.projects[project].id} cannot pay its cost."
            )
        numerator, denominator = solved
        common = gcd(numerator, denominator)
        numerator, denominator = numerator // common, denominator // common
        if denominator > 1:
            self.remaining = self.remaining * denominator
            self.unit *= denominator
        supporters = self.profile.supporters[project]
        shares = np.minimum(
            self.remaining[supporters], self.utility.points[project].astype(object) * numerator
        )
        self.remaining[supporters] -= shares
        self.bought.append(project)
        return Payment(shares, self.unit)

    def money_of_supporters(self, project: int) -> Fraction:
        """Return the money that the supporters of a project still have together."""
        supporters = self.profile.supporters[project]
        counts = self.profile.counts[supporters].astype(object)
        return Fraction(int((counts * self.remaining[supporters]).sum()), self.unit)
