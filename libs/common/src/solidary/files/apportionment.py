"""Proportional division of a whole number, as in sharing an amount of money without losing a cent.

Source: the largest-remainder method (Hamilton 1792; Balinski and Young, Fair Representation, 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def largest_remainder(whole: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Return whole numbers in proportion to `weights` that sum to `whole`.

    Each part is its exact proportion rounded down or up. The units that rounding down leaves go, one each, to the parts
    with the largest remainders; between equal remainders, to the earlier part. Raises ValueError when a weight is
    negative or all weights are zero.
    """
    scale = lcm(*(weight.denominator for weight in weights))
    whole_weights = [int(weight * scale) for weight in weights]
    total = sum(whole_weights)
    if total <= 0 or min(whole_weights) < 0:
        raise ValueError("The weights must not be negative, and at least one must be positive.")
    parts, remainders = zip(*(divmod(whole * weight, total) for weight in whole_weights), strict=True)
    by_remainder = sorted(range(len(parts)), key=lambda index: -remainders[index])
    rounded_up = set(by_remainder[: whole - sum(parts)])
    return [part + (index in rounded_up) for index, part in enumerate(parts)]
