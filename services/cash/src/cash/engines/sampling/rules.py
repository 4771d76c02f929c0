"""The size of a sample, and a sample that is the same for the same seed on any machine."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from heapq import nsmallest
from math import ceil
from statistics import NormalDist

#: Half as many again, for those who cannot be found or do not answer.
RESERVE = Fraction(3, 2)
#: How a sample is drawn; kept with every sample, so that it can be drawn again.
METHOD = "sha256(seed + newline + id), least first"


def sample_size(population: int, confidence: float, margin: float) -> int:
    """How many of `population` to visit for a share known to ± `margin` with `confidence` (0.95, 0.05).

    Cochran's size for the worst case (a share of one half) with the correction for a finite population, and
    RESERVE on top: z = Φ⁻¹(c + (1−c)/2), n₀ = z²·0.25/e², n = min(N, ⌈1.5·N·n₀/(n₀+N)⌉).
    Fractions, for no float holds a margin of 1e-200 squared, nor every N.
    Raises ValueError outside N ≥ 0, 0 < c < 1, 0 < e ≤ 1.
    Source: W. G. Cochran, Sampling Techniques (1977), 4.4, with the reserve that HOPE (UNICEF) adds.
    """
    if population < 0:
        raise ValueError("the population is negative")
    if not 0 < confidence < 1:
        raise ValueError("the confidence lies between 0 and 1, as in 0.95")
    if not 0 < margin <= 1:
        raise ValueError("the margin lies above 0 and up to 1, as in 0.05")
    if not population:
        return 0
    z = -Fraction(NormalDist().inv_cdf((1 - confidence) / 2))
    infinite = z * z / 4 / Fraction(margin) ** 2
    size = ceil(RESERVE * population * infinite / (infinite + population))
    return min(population, max(1, size))


def rank(seed: str, name: str) -> bytes:
    """Where an id stands in the draw: SHA-256 of seed, newline and id (UTF-8), compared as bytes."""
    return sha256(f"{seed}\n{name}".encode()).digest()


def draw(names: Iterable[str], size: int, seed: str) -> list[str]:
    """`size` of the ids, in the order of their rank: a draw without replacement, each subset as likely.

    It depends on nothing but the seed and the set of ids, not on their order. A larger draw of the same seed
    begins with the smaller one: who could not be found is replaced by the next. Memory grows with `size`.
    """
    return [name for _, name in nsmallest(size, ((rank(seed, name), name) for name in names))]
