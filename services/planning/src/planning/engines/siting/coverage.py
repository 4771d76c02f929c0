"""Maximal covering (MCLP; Church, ReVelle 1974): p sites that reach the most people within a radius."""

from __future__ import annotations

import numpy as np

from planning.engines.arrays import Floats
from planning.engines.siting.pmedian import Sited
from planning.engines.solver import Program, Watch, solve

TOLERANCE = 1e-6


def cover(
    distances: Floats,
    weights: Floats,
    p: int,
    radius: float,
    *,
    seconds: float = np.inf,
    watch: Watch | None = None,
) -> Sited:
    """The p candidates that cover the most weight; `objective` and `bound` are covered weight.

    A place is covered when a site is at most `radius` away. Places that the same candidates cover are
    counted together; the rest is a mixed-integer program with its gap proven by HiGHS. `watch` hears the nodes
    searched.
    """
    if not 1 <= p <= distances.shape[1]:
        raise ValueError(f"{p} sites of {distances.shape[1]} candidates")
    near = distances <= radius
    kinds, kind_of = np.unique(near, axis=0, return_inverse=True)
    together = np.bincount(kind_of.reshape(-1), weights=weights, minlength=len(kinds))
    program = Program()
    opened = [program.column(0.0, whole=True) for _ in range(distances.shape[1])]
    program.row(opened, [1.0] * len(opened), p, p)
    for kind, weight in zip(kinds, together, strict=True):
        by = np.flatnonzero(kind)
        if len(by):
            covered = program.column(-float(weight))
            program.row([covered, *(opened[j] for j in by)], [-1.0] + [1.0] * len(by), lower=0.0)
    found = solve(program, seconds=seconds, watch=watch)
    sites = np.argsort(-(weights @ near))[:p] if found.x is None else np.flatnonzero(found.x[opened] > 0.5)
    objective = float(weights[near[:, sites].any(axis=1)].sum())
    bound = min(float(weights[near.any(axis=1)].sum()), -found.bound)
    proven = bound - objective <= TOLERANCE * max(1.0, objective)
    return Sited(tuple(sorted(sites.tolist())), objective, objective if proven else bound, proven)
