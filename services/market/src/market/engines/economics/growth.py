"""The uncertainty of a growth rate that is estimated from a sample, by the bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

MIN_BUSINESSES = 5
"""The smallest sample for which an interval is computed."""

_CELLS_PER_BATCH = 1 << 21
_NORMAL = NormalDist()


@dataclass(frozen=True)
class GrowthInterval:
    """A growth rate (0.1 is 10 %) and its two-sided bootstrap interval."""

    growth: float
    low: float
    high: float
    confidence: float
    method: Literal["BCa", "percentile"]
    sampled: int
    resamples: int
    seed: int


def growth_interval(
    t0: Numbers,
    t1: Numbers,
    weight: Numbers,
    *,
    confidence: float = 0.95,
    resamples: int = 9999,
    seed: int = 1,
) -> GrowthInterval:
    """Return the growth Σ w·t1 / Σ w·t0 − 1 of sampled businesses, with its BCa bootstrap interval.

    `t0` and `t1` are each business's figure (jobs, sales) at the two dates, `weight` the number of businesses that
    it represents. Businesses are resampled with replacement, each with its weight. When the correction is undefined
    (all resamples are equal, or all on one side of the estimate), the interval is that of the percentiles, as
    `method` states. The same seed gives the same interval (NumPy's PCG64).
    Raises ValueError for fewer than five businesses, and when the total at t0 is zero, or zero in a resample.
    Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987); percentile: Efron (1979).
    """
    n = len(t0)
    if n < MIN_BUSINESSES:
        raise ValueError(f"A bootstrap needs at least {MIN_BUSINESSES} businesses. The sample has {n}.")
    if not 0.5 <= confidence < 1:
        raise ValueError("The confidence must be at least 0.5 and less than 1, as in 0.95.")
    if resamples < 100:
        raise ValueError("At least 100 resamples are needed.")
    before, after = weight * t0, weight * t1
    if before.sum() <= 0:
        raise ValueError("The total at t0 is zero, so there is no growth rate.")
    growth = float(after.sum() / before.sum() - 1)
    drawn = _resampled(before, after, resamples, seed)
    tail = (1 - confidence) / 2
    levels, method = _levels(growth, drawn, _jackknife(before, after), (tail, 1 - tail))
    low, high = (float(bound) for bound in np.quantile(drawn, levels))
    return GrowthInterval(growth, low, high, confidence, method, n, resamples, seed)


def _resampled(before: Numbers, after: Numbers, resamples: int, seed: int) -> Numbers:
    random = np.random.default_rng(seed)
    n = len(before)
    batch = max(1, _CELLS_PER_BATCH // n)
    drawn = np.empty(resamples)
    for start in range(0, resamples, batch):
        picks = random.integers(0, n, size=(min(batch, resamples - start), n))
        base = before[picks].sum(axis=1)
        if (base <= 0).any():
            raise ValueError("Too few businesses have a figure at t0: the total of a resample is zero.")
        drawn[start : start + len(picks)] = after[picks].sum(axis=1) / base - 1
    return drawn


def _jackknife(before: Numbers, after: Numbers) -> Numbers:
    """Return the growth without each business in turn (the jackknife)."""
    base = before.sum() - before
    if (base <= 0).any():
        raise ValueError("One business has the whole total at t0.")
    rates: Numbers = (after.sum() - after) / base - 1
    return rates


def _levels(
    growth: float, drawn: Numbers, jackknife: Numbers, tails: tuple[float, float]
) -> tuple[list[float], Literal["BCa", "percentile"]]:
    """Return the two quantiles of the resamples that bound the interval, and the method that gave them."""
    below = float((drawn < growth).mean() + (drawn == growth).mean() / 2)
    spread = jackknife.mean() - jackknife
    scale = float((spread**2).sum())
    if not 0 < below < 1 or not scale or drawn.min() == drawn.max():
        return list(tails), "percentile"
    bias = _NORMAL.inv_cdf(below)
    acceleration = float((spread**3).sum()) / (6 * scale**1.5)
    normal = [bias + _NORMAL.inv_cdf(tail) for tail in tails]
    if any(1 - acceleration * z <= 0 for z in normal):
        return list(tails), "percentile"
    return [_NORMAL.cdf(bias + z / (1 - acceleration * z)) for z in normal], "BCa"
