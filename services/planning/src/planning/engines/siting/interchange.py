"""Good sites quickly: greedy addition, then interchange (Teitz, Bart 1968; in one pass, Whitaker 1983)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planning.engines.arrays import Floats

Sites = NDArray[np.intp]

# A swap must shorten the ways by more than rounding could.
WORTHWHILE = 1e-9


def total_way(ways: Floats, sites: Sites) -> float:
    """The sum of every place's way (`ways[place, candidate]`) to its nearest site."""
    return float(ways[:, sites].min(axis=1).sum())


def greedy_sites(ways: Floats, p: int) -> Sites:
    """One site after the other, each time the one that shortens the ways most. The best one for p = 1."""
    nearest = np.full(len(ways), np.inf)
    sites: list[int] = []
    for _ in range(p):
        totals = np.minimum(ways, nearest[:, None]).sum(axis=0)
        totals[sites] = np.inf
        sites.append(int(totals.argmin()))
        nearest = np.minimum(nearest, ways[:, sites[-1]])
    return np.array(sites, dtype=np.intp)


def interchange(ways: Floats, sites: Sites) -> Sites:
    """Swaps one site for one candidate as long as that shortens the ways; the best swap each time."""
    sites = sites.copy()
    everyone = np.arange(len(ways))
    while True:
        to_sites = ways[:, sites]
        first = to_sites.argmin(axis=1)
        nearest = to_sites[everyone, first]
        to_sites[everyone, first] = np.inf
        second = to_sites.min(axis=1)
        opened = np.minimum(ways, nearest[:, None])
        closed = np.minimum(ways, second[:, None])
        closed -= opened
        served = np.zeros((len(sites), len(ways)))
        served[first, everyone] = 1.0
        change = served @ closed
        change += opened.sum(axis=0) - nearest.sum()
        change[:, sites] = np.inf
        out, into = np.unravel_index(int(change.argmin()), change.shape)
        if not change[out, into] < -WORTHWHILE * float(nearest.sum()):
            return sites
        sites[out] = into
