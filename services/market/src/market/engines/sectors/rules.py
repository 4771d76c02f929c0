"""The scores of sectors and the priorities of barriers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

DEFAULT_WEIGHTS = {"relevance": Fraction(1, 3), "growth": Fraction(1, 3), "feasibility": Fraction(1, 3)}
"""The criteria with equal weights, which hold until a workshop agrees on others. The source publishes no weights."""


def check_weights(weights: Mapping[str, Fraction]) -> None:
    """Check that weights sum to exactly one and that none is negative. Raises ValueError."""
    if negative := [name for name, weight in weights.items() if weight < 0]:
        raise ValueError(f"The weight of {', '.join(negative)} is negative.")
    total = sum(weights.values(), Fraction(0))
    if total != 1:
        raise ValueError(f"The weights must sum to 1. They sum to {float(total):g}.")


def sector_score(marks: Mapping[str, Fraction], weights: Mapping[str, Fraction]) -> Fraction:
    """Return the weighted mean of a sector's marks: relevance to the target groups, growth and feasibility.

    All marks and the score are on the same scale, such as 1 to 5. Raises ValueError for weights that do not sum to one.
    Source: M. Nutz and M. Sievers, A rough guide to value chain development (ILO 2015), sector selection.
    """
    check_weights(weights)
    return sum((weight * marks[name] for name, weight in weights.items()), Fraction(0))


@dataclass(frozen=True)
class BarrierFactors:
    """The factors of a barrier to work, each from 0 to 1: severity, share of people affected, removability.

    Raises ValueError for a factor outside this range.
    """

    severity: Fraction
    share: Fraction
    removability: Fraction

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"The factor {name} must be between 0 and 1. It is {float(value):g}.")

    @property
    def priority(self) -> Fraction:
        """The product of the three factors."""
        return self.severity * self.share * self.removability
