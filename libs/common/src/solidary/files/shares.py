"""Sharing a whole among parts without losing or inventing a cent.

Source: the largest-remainder method (Hamilton 1792; Balinski and Young, Fair Representation, 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def largest_remainder(whole: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Whole numbers in proportion to `weights` (not negative, not all zero) that sum to `whole`.

    Each part is its exact share rounded down or up. What rounding down leaves goes, one each, to the parts
    that lost most; between equals, to the earlier one. Raises ValueError on weights that share nothing.
    """
    scale = lcm(*(weight.denominator for weight in weights))
    whole_weights = [int(weight * scale) for weight in weights]
    total = sum(whole_weights)
    if total <= 0 or min(whole_weights) < 0:
        raise ValueError("weights must not be negative, and at least one must be positive")
    parts, lost = zip(*(divmod(whole * weight, total) for weight in whole_weights), strict=True)
    by_loss = sorted(range(len(parts)), key=lambda at: -lost[at])
    given = set(by_loss[: whole - sum(parts)])
    return [part + (at in given) for at, part in enumerate(parts)]
