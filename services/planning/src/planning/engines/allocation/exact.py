"""Voters' purses in exact arithmetic: the definition of equal shares, and the judge of close calls."""

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
    """What each supporting ballot paid, per voter, as `shares / unit` of the profile's money unit."""

    shares: NDArray[Any]
    unit: int


class ExactPurses:
    """What every voter still has, as whole numbers over one common denominator.

    A purse holds `left[g] / unit`. The common denominator grows with each purchase; that is cheaper than
    a fraction per voter, because whole numbers need no common divisor at each step.
    """

    def __init__(self, profile: Profile, utility: Utility, endowment: Fraction):
        self.profile, self.utility = profile, utility
        self.left = np.full(len(profile.ballots), endowment.numerator, dtype=object)
        self.unit = endowment.denominator
        self.bought: list[int] = []

    def catch_up(self, bought: list[int]) -> None:
        """Makes the purchases of `bought` that were not yet made here."""
        for project in bought[len(self.bought) :]:
            self.buy(project)

    def price(self, project: int) -> Fraction | None:
        """π: what the project asks per point of support so that its supporters pay its cost together.

        Solves Σ min(purse, π·points) = cost. None when the purses do not hold the cost.
        """
        found = self._price(project)
        return None if found is None else Fraction(found[0], found[1] * self.unit)

    def _price(self, project: int) -> tuple[int, int] | None:
        who = self.profile.supporters[project]
        counts = self.profile.counts[who].astype(object)
        points = self.utility.points[project].astype(object)
        left, cost = self.left[who], self.profile.costs[project] * self.unit
        if int((counts * left).sum()) < cost:
            return None
        need, weight = cost, int((counts * points).sum())
        while True:
            poor = left * weight < points * need
            rest = cost - int((counts[poor] * left[poor]).sum())
            rich = int((counts[~poor] * points[~poor]).sum())
            if rich == weight:
                return need, weight
            need, weight = rest, rich

    def buy(self, project: int) -> Payment:
        """The supporters pay: π per point, or all they have. The purses must hold the cost."""
        found = self._price(project)
        if found is None:
            raise ValueError(f"project {self.profile.projects[project].id} is not affordable")
        need, weight = found
        common = gcd(need, weight)
        need, weight = need // common, weight // common
        if weight > 1:
            self.left = self.left * weight
            self.unit *= weight
        who = self.profile.supporters[project]
        shares = np.minimum(self.left[who], self.utility.points[project].astype(object) * need)
        self.left[who] -= shares
        self.bought.append(project)
        return Payment(shares, self.unit)

    def behind(self, project: int) -> Fraction:
        """The money that the supporters of a project still hold together."""
        who = self.profile.supporters[project]
        return Fraction(int((self.profile.counts[who].astype(object) * self.left[who]).sum()), self.unit)
