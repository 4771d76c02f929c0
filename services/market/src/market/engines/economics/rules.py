"""Location quotient and shift-share, computed exactly with rational numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor


def location_quotient(e_ij: Fraction, e_j: Fraction, e_i: Fraction, e: Fraction) -> Fraction:
    """Return the location quotient of an industry in a region, (e_ij / e_j) / (e_i / e).

    `e_ij` is the employment of the industry in the region, `e_j` that of all industries in the region, `e_i` that of
    the industry in the nation, and `e` that of all industries in the nation. Above 1, the region is specialised in the
    industry. Raises ValueError when a part exceeds its whole or a divisor is zero.
    Source: P. S. Florence, Report on the Location of Industry (1939).
    """
    if e_ij < 0:
        raise ValueError("The employment of the industry in the region (E_IJ) is negative.")
    if e_j <= 0 or e_i <= 0:
        raise ValueError("The employment of the region (E_J) and of the industry (E_I) must be above zero.")
    if e_ij > min(e_j, e_i):
        raise ValueError("E_IJ is a part of E_J and of E_I, so it cannot exceed either.")
    if max(e_j, e_i) > e:
        raise ValueError("E_J and E_I are parts of E, so neither can exceed it.")
    return (e_ij / e_j) / (e_i / e)


@dataclass(frozen=True)
class Employment:
    """The jobs of one industry, in the region and in the nation, at the start and at the end of a period."""

    region_t0: Fraction
    region_t1: Fraction
    nation_t0: Fraction
    nation_t1: Fraction


@dataclass(frozen=True)
class Shift:
    """The change of a region's jobs in three parts: national growth, industry mix and regional effect."""

    national: Fraction
    mix: Fraction
    regional: Fraction

    @property
    def change(self) -> Fraction:
        """The whole change: the sum of the three parts."""
        return self.national + self.mix + self.regional

    def __add__(self, other: Shift) -> Shift:
        return Shift(self.national + other.national, self.mix + other.mix, self.regional + other.regional)


NO_SHIFT = Shift(Fraction(0), Fraction(0), Fraction(0))


def shift_share(industries: Sequence[Employment]) -> list[Shift]:
    """Return the change of each industry's jobs in the region, in three parts that add up to it exactly.

    With G = E2/E1 of the whole nation and g = e_i2/e_i1 of the industry in the nation, the parts are national = e(G
    − 1), mix = e(g − G) and regional = e' − e·g. An industry that had no job anywhere at the start has no growth to
    compare with, so all its jobs count as regional. Raises ValueError when the nation had no job at the start, or
    an industry had jobs in the region and none in the nation.
    Source: E. S. Dunn, "A statistical and analytical technique for regional analysis", Papers of the Regional
    Science Association 6 (1960).
    """
    nation_t0 = sum((industry.nation_t0 for industry in industries), Fraction(0))
    if not nation_t0:
        raise ValueError("The nation has no employment at t0.")
    growth = sum((industry.nation_t1 for industry in industries), Fraction(0)) / nation_t0
    return [_shift(industry, growth) for industry in industries]


def _shift(industry: Employment, growth: Fraction) -> Shift:
    start = industry.region_t0
    if not start:
        return Shift(Fraction(0), Fraction(0), industry.region_t1)
    if not industry.nation_t0:
        raise ValueError("An industry has employment at t0 in the region but none in the nation.")
    own = industry.nation_t1 / industry.nation_t0
    return Shift(start * (growth - 1), start * (own - growth), industry.region_t1 - start * own)


def round_consistently(shifts: Sequence[Shift], unit: Fraction) -> list[Shift]:
    """Round the parts to multiples of `unit` (such as 0.01) so that the rounded parts still add up.

    The parts of each row sum to its rounded change, and each column sums to its total within one unit of the exact one
    (the first column exactly as rounded). The method rounds running sums over rows and columns and returns their
    differences; no part differs from its exact value by two units.
    """
    column_sums = [Fraction(0)] * 4
    rounded_before = [0] * 4
    result = []
    for shift in shifts:
        row_sums = [Fraction(0), shift.national, shift.national + shift.mix, shift.change]
        column_sums = [total + more for total, more in zip(column_sums, row_sums, strict=True)]
        rounded = [_nearest(total / unit) for total in column_sums]
        row = [now - before for now, before in zip(rounded, rounded_before, strict=True)]
        result.append(Shift(*(unit * (right - left) for left, right in pairwise(row))))
        rounded_before = rounded
    return result


def _nearest(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))
