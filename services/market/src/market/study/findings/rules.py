"""The codes of findings, and the figures derived from them."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

BarrierKind = Literal[
    "document",
    "recognition",
    "regulated_profession",
    "discrimination",
    "information",
    "finance",
    "distance",
    "care_duties",
    "language",
    "digital",
    "working_conditions",
]
BarrierScope = Literal["individual", "community", "structural"]


def employment_growth(before: int, after: int) -> Fraction | None:
    """Return the relative change of employment between two periods, or None if there was none before."""
    return Fraction(after - before, before) if before else None
