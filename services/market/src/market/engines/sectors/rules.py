"""Scores of sectors and priorities of barriers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

#: Equal until a workshop agrees on others: no weights are published.
CRITERIA = {"relevance": Fraction(1, 3), "growth": Fraction(1, 3), "feasibility": Fraction(1, 3)}


def check_weights(weights: Mapping[str, Fraction]) -> None:
    """Raises ValueError unless there is a weight, none is negative and they sum to exactly one."""
    if negative := [name for name, weight in weights.items() if weight < 0]:
        raise ValueError(f"the weight of {', '.join(negative)} is negative")
    total = sum(weights.values(), Fraction(0))
    if total != 1:
        raise ValueError(f"the weights sum to {float(total):g}, not to 1")


def sector_score(marks: Mapping[str, Fraction], weights: Mapping[str, Fraction]) -> Fraction:
    """The weighted mean of a sector's marks: relevance to the target groups, growth opportunity, feasibility.

    Marks share one scale (1 to 5, say), on which the score stands too.
    Raises ValueError for weights that do not sum to one.
    Source: M. Nutz and M. Sievers, A rough guide to value chain development (ILO 2015), sector selection.
    """
    check_weights(weights)
    return sum((weight * marks[name] for name, weight in weights.items()), Fraction(0))


@dataclass(frozen=True)
class Barrier:
    """An obstacle to work: how severe, for what share of people, how removable; each from 0 to 1."""

    severity: Fraction
    share: Fraction
    removability: Fraction

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} lies between 0 and 1, not at {float(value):g}")

    @property
    def priority(self) -> Fraction:
        """Severity × share affected × removability: zero as soon as one of them is."""
        return self.severity * self.share * self.removability
