"""Rounding an exact amount to what can be paid out."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import ceil, floor


class Rounding(StrEnum):
    """Which neighbour an amount between two payable ones becomes."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def round_to(unit: int, exact: Fraction, mode: Rounding) -> int:
    """The multiple of `unit` (minor units, positive) that `mode` picks for `exact` (minor units).

    Down and up go towards the smaller and the larger number; a half goes up, or to the even multiple.
    """
    units = exact / unit
    match mode:
        case Rounding.DOWN:
            count = floor(units)
        case Rounding.UP:
            count = ceil(units)
        case Rounding.HALF_UP:
            count = floor(units + Fraction(1, 2))
        case Rounding.HALF_EVEN:
            count = round(units)
    return count * unit
