"""Location quotient and shift-share, exact: rational numbers in, rational numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor


def location_quotient(e_ij: Fraction, e_j: Fraction, e_i: Fraction, e: Fraction) -> Fraction:
    """How much more than the nation a region works in an industry: (e_ij / e_j) / (e_i / e).

    Employment: `e_ij` of the industry in the region, `e_j` of all industries in the region, `e_i` of the
    industry in the nation, `e` of all industries in the nation. Above 1, the region is specialised.
    Raises ValueError where a part exceeds its whole or a divisor is zero.
    Source: P. S. Florence, Report on the Location of Industry (1939).
    """
    if e_ij < 0:
        raise ValueError("employment of the industry in the region (E_IJ) is negative")
    if e_j <= 0 or e_i <= 0:
        raise ValueError("the region (E_J) and the industry (E_I) need employment above zero")
    if e_ij > min(e_j, e_i):
        raise ValueError("E_IJ is a part of E_J and of E_I, so it cannot exceed either")
    if max(e_j, e_i) > e:
        raise ValueError("E_J and E_I are parts of E, so neither can exceed it")
    return (e_ij / e_j) / (e_i / e)


@dataclass(frozen=True)
class Employment:
    """Jobs of one industry, in the region and in the nation, at the start and at the end of a period."""

    region_t0: Fraction
    region_t1: Fraction
    nation_t0: Fraction
    nation_t1: Fraction


@dataclass(frozen=True)
class Shift:
    """Why a region's jobs changed: with the nation, with the industry, of its own accord."""

    national: Fraction
    mix: Fraction
    regional: Fraction

    @property
    def change(self) -> Fraction:
        return self.national + self.mix + self.regional

    def __add__(self, other: Shift) -> Shift:
        return Shift(self.national + other.national, self.mix + other.mix, self.regional + other.regional)


NO_SHIFT = Shift(Fraction(0), Fraction(0), Fraction(0))


def shift_share(industries: Sequence[Employment]) -> list[Shift]:
    """The change of each industry's jobs in the region, in three parts that add up to it exactly.

    With G = E2/E1 of the whole nation and g = e_i2/e_i1 of the industry in the nation:
    national = e(G − 1), mix = e(g − G), regional = e' − e·g. An industry that had no job anywhere at the
    start has no growth to compare with: its jobs are all regional.
    Raises ValueError where the nation had no job at the start, or an industry had jobs in the region and
    none in the nation.
    Source: E. S. Dunn, "A statistical and analytical technique for regional analysis", Papers of the
    Regional Science Association 6 (1960).
    """
    nation_t0 = sum((industry.nation_t0 for industry in industries), Fraction(0))
    if not nation_t0:
        raise ValueError("the nation has no employment at t0")
    growth = sum((industry.nation_t1 for industry in industries), Fraction(0)) / nation_t0
    return [_shift(industry, growth) for industry in industries]


def _shift(industry: Employment, growth: Fraction) -> Shift:
    start = industry.region_t0
    if not start:
        return Shift(Fraction(0), Fraction(0), industry.region_t1)
    if not industry.nation_t0:
        raise ValueError("employment at t0 in the region but none in the nation")
    own = industry.nation_t1 / industry.nation_t0
    return Shift(start * (growth - 1), start * (own - growth), industry.region_t1 - start * own)


def printable(shifts: Sequence[Shift], unit: Fraction) -> list[Shift]:
    """The parts rounded to multiples of `unit` (0.01), so that what is printed still adds up.

    Each row's parts sum to its change (rounded, where it is finer than the unit), and each column sums to
    its total, within one unit of the exact one (the first column: rounded as usual). Done by rounding
    running sums over rows and columns and printing their differences; no part is off by two units.
    """
    above = [Fraction(0)] * 4
    rounded_above = [0] * 4
    printed = []
    for shift in shifts:
        across = [Fraction(0), shift.national, shift.national + shift.mix, shift.change]
        above = [total + more for total, more in zip(above, across, strict=True)]
        rounded = [_nearest(total / unit) for total in above]
        row = [now - before for now, before in zip(rounded, rounded_above, strict=True)]
        printed.append(Shift(*(unit * (right - left) for left, right in pairwise(row))))
        rounded_above = rounded
    return printed


def _nearest(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))
