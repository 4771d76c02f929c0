"""Heuristics for good sites: greedy addition, then interchange (Teitz, Bart 1968; in one pass, Whitaker 1983).

`costs[place, candidate]` is the weighted distance from each place to each candidate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planning.engines.arrays import Floats

Sites = NDArray[np.intp]

# A swap must reduce the total by more than rounding could, as a share of the total.
MIN_IMPROVEMENT = 1e-9


def total_cost(costs: Floats, sites: Sites) -> float:
    """Return the sum of every place's cost to its nearest site."""
    return float(costs[:, sites].min(axis=1).sum())


def greedy_sites(costs: Floats, p: int) -> Sites:
    """Add one site at a time, each time the one that reduces the total most; optimal for p = 1."""
    nearest = np.full(len(costs), np.inf)
    sites: list[int] = []
    for _ in range(p):
        totals = np.minimum(costs, nearest[:, None]).sum(axis=0)
        totals[sites] = np.inf
        sites.append(int(totals.argmin()))
        nearest = np.minimum(nearest, costs[:, sites[-1]])
    return np.array(sites, dtype=np.intp)


def interchange(costs: Floats, sites: Sites) -> Sites:
    """Swap one site for one candidate as long as that reduces the total, the best swap each time."""
    sites = sites.copy()
    places = np.arange(len(costs))
    while True:
        to_sites = costs[:, sites]
        first = to_sites.argmin(axis=1)
        nearest = to_sites[places, first]
        to_sites[places, first] = np.inf
        second = to_sites.min(axis=1)
        if_opened = np.minimum(costs, nearest[:, None])
        if_closed = np.minimum(costs, second[:, None])
        if_closed -= if_opened
        served = np.zeros((len(sites), len(costs)))
        served[first, places] = 1.0
        change = served @ if_closed
        change += if_opened.sum(axis=0) - nearest.sum()
        change[:, sites] = np.inf
        closed, opened = np.unravel_index(int(change.argmin()), change.shape)
        if not change[closed, opened] < -MIN_IMPROVEMENT * float(nearest.sum()):
            return sites
        sites[closed] = opened
