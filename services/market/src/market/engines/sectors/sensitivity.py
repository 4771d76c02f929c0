"""Whether a ranking would stand if the weights had been a little different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stability:
    """How one alternative's rank moves over the drawn weights."""

    rank: int
    kept: float
    first: float
    best: int
    worst: int


def rank_stability(
    marks: NDArray[np.float64],
    weights: Sequence[float],
    *,
    spread: float = 0.25,
    draws: int = 10_000,
    seed: int = 1,
) -> list[Stability]:
    """For each row of `marks` (alternatives × criteria): its rank, and what weights nearby make of it.

    Each draw moves every weight by up to ± `spread` of itself, uniformly and alone, and scales them back to
    a sum of one. `kept` is the share of draws that leave the rank as it was, `first` the share that put the
    alternative first, `best` and `worst` the ranks ever reached; equal scores share the better rank.
    The same seed gives the same answer (NumPy's PCG64).
    Source: the rank acceptability of R. Lahdelma, J. Hokkanen, P. Salminen, "SMAA – Stochastic multiobjective
    acceptability analysis", EJOR 106 (1998), with weights around those agreed instead of all there are.
    """
    agreed = np.asarray(weights, dtype=np.float64)
    if not 0 <= spread <= 1:
        raise ValueError("the spread lies between 0 and 1")
    random = np.random.default_rng(seed)
    drawn = agreed * random.uniform(1 - spread, 1 + spread, (draws, len(agreed)))
    drawn /= drawn.sum(axis=1, keepdims=True)
    base = _ranks(marks @ agreed[:, None])[:, 0]
    ranks = _ranks(marks @ drawn.T)
    return [
        Stability(
            int(own), float((row == own).mean()), float((row == 1).mean()), int(row.min()), int(row.max())
        )
        for own, row in zip(base, ranks, strict=True)
    ]


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Competition ranks down each column, the greatest first; scores within rounding error are equal."""
    level = np.round(scores, 10)
    order = np.sort(level, axis=0)
    columns = range(level.shape[1])
    not_above = [np.searchsorted(order[:, c], level[:, c], side="right") for c in columns]
    return 1 + len(level) - np.stack(not_above, axis=1)
