"""The sensitivity of a ranking to small changes of its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RankStability:
    """The rank of one alternative, and its ranks under the drawn weights."""

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
) -> list[RankStability]:
    """Return the rank of each row of `marks` (alternatives × criteria), and its stability under similar weights.

    Each draw changes every weight independently and uniformly by up to ± `spread` of itself, and scales the weights
    to a sum of one. `kept` is the share of draws that leave the rank unchanged, `first` the share in which the
    alternative is first, `best` and `worst` are the extreme ranks; equal scores share the better rank. The same
    seed gives the same result (NumPy's PCG64). Raises ValueError for a spread outside 0 to 1.
    Source: the rank acceptability of R. Lahdelma, J. Hokkanen, P. Salminen, "SMAA – Stochastic multiobjective
    acceptability analysis", EJOR 106 (1998), with weights near the agreed ones instead of all possible weights.
    """
    agreed = np.asarray(weights, dtype=np.float64)
    if not 0 <= spread <= 1:
        raise ValueError("The spread must be between 0 and 1.")
    random = np.random.default_rng(seed)
    drawn = agreed * random.uniform(1 - spread, 1 + spread, (draws, len(agreed)))
    drawn /= drawn.sum(axis=1, keepdims=True)
    base = _ranks(marks @ agreed[:, None])[:, 0]
    ranks = _ranks(marks @ drawn.T)
    return [
        RankStability(
            int(own), float((row == own).mean()), float((row == 1).mean()), int(row.min()), int(row.max())
        )
        for own, row in zip(base, ranks, strict=True)
    ]


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the competition ranks within each column, the greatest first. Scores within rounding error are equal."""
    level = np.round(scores, 10)
    order = np.sort(level, axis=0)
    columns = range(level.shape[1])
    not_above = [np.searchsorted(order[:, c], level[:, c], side="right") for c in columns]
    return 1 + len(level) - np.stack(not_above, axis=1)
