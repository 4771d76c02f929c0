"""The size of a verification sample, and a draw that gives the same sample for the same seed on any machine."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from heapq import nsmallest
from math import ceil
from statistics import NormalDist

#: Half as many again, for those who cannot be found or do not answer.
RESERVE = Fraction(3, 2)
#: The method of the draw. It is stored with every sample, so that the sample can be drawn again.
METHOD = "sha256(seed + newline + id), least first"


def sample_size(population: int, confidence: float, margin: float) -> int:
    """Return how many of `population` to visit for a share known to ± `margin` with `confidence` (0.95, 0.05).

    Cochran's size for the worst case (a share of one half) with the correction for a finite population, and
    RESERVE on top: z = Φ⁻¹(c + (1−c)/2), n₀ = z²·0.25/e², n = min(N, ⌈1.5·N·n₀/(n₀+N)⌉).
    Computed in fractions, because a float holds neither the square of a margin of 1e-200 nor every N.
    Raises ValueError outside N ≥ 0, 0 < c < 1, 0 < e ≤ 1.
    Source: W. G. Cochran, Sampling Techniques (1977), 4.4, with the reserve that HOPE (UNICEF) adds.
    """
    if population < 0:
        raise ValueError("The population is negative.")
    if not 0 < confidence < 1:
        raise ValueError("The confidence must lie between 0 and 1, for example 0.95.")
    if not 0 < margin <= 1:
        raise ValueError("The margin must be above 0 and at most 1, for example 0.05.")
    if not population:
        return 0
    z = -Fraction(NormalDist().inv_cdf((1 - confidence) / 2))
    infinite = z * z / 4 / Fraction(margin) ** 2
    size = ceil(RESERVE * population * infinite / (infinite + population))
    return min(population, max(1, size))


def rank(seed: str, id_: str) -> bytes:
    """Return the rank of an id in the draw: SHA-256 of seed, newline and id (UTF-8), compared as bytes."""
    return sha256(f"{seed}\n{id_}".encode()).digest()


def draw(ids: Iterable[str], size: int, seed: str) -> list[str]:
    """Draw `size` of the ids without replacement, in the order of their rank; every subset is equally likely.

    The draw depends on the seed and the set of ids, not on their order. A larger draw with the same seed begins
    with the smaller one, so that the next id replaces one who cannot be found. Memory grows with `size`.
    """
    return [id_ for _, id_ in nsmallest(size, ((rank(seed, id_), id_) for id_ in ids))]
