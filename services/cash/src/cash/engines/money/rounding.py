"""Rounding of an exact amount to one that can be paid out."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import ceil, floor


class Rounding(StrEnum):
    """The direction in which an amount between two payable ones is rounded."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def round_to_multiple(unit: int, exact: Fraction, mode: Rounding) -> int:
    """Round `exact` to a multiple of `unit`; both are in minor units, and `unit` is positive.

    DOWN and UP round towards the smaller and the larger number; HALF_UP and HALF_EVEN round to the nearest
    multiple, a half to the larger or to the even one.
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
