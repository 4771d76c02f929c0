"""Maximal covering (MCLP; Church, ReVelle 1974): p sites that reach the most people within a radius."""

from __future__ import annotations

import numpy as np
from solidary.language.problems import count_of

from planning.engines.arrays import Floats
from planning.engines.siting.p_median import SitingSolution
from planning.engines.solver import MixedIntegerProgram, ProgressCallback, solve

TOLERANCE = 1e-6


def solve_maximal_covering(
    distances: Floats,
    weights: Floats,
    p: int,
    radius: float,
    *,
    seconds: float = np.inf,
    on_progress: ProgressCallback | None = None,
) -> SitingSolution:
    """Return the p candidates that cover the most weight; `objective` and `bound` are covered weight.

    A place is covered when a site is at most `radius` away. Places that the same candidates cover are merged; the rest
    is a mixed-integer program whose gap HiGHS proves. `on_progress` is called with the number of nodes searched. Raises
    ValueError unless p is between 1 and the number of candidates.
    """
    if not 1 <= p <= distances.shape[1]:
        raise ValueError(
            f"{count_of(p, 'site')} cannot be chosen from {count_of(distances.shape[1], 'candidate')}."
        )
    covers = distances <= radius
    patterns, pattern_of = np.unique(covers, axis=0, return_inverse=True)
    pattern_weights = np.bincount(pattern_of.reshape(-1), weights=weights, minlength=len(patterns))
    program = MixedIntegerProgram()
    opened = [program.add_column(0.0, integer=True) for _ in range(distances.shape[1])]
    program.add_row(opened, [1.0] * len(opened), p, p)
    for pattern, weight in zip(patterns, pattern_weights, strict=True):
        covering = np.flatnonzero(pattern)
        if len(covering):
            covered = program.add_column(-float(weight))
            program.add_row(
                [covered, *(opened[j] for j in covering)], [-1.0] + [1.0] * len(covering), lower=0.0
            )
    solution = solve(program, seconds=seconds, on_progress=on_progress)
    if solution.values is None:
        sites = np.argsort(-(weights @ covers))[:p]
    else:
        sites = np.flatnonzero(solution.values[opened] > 0.5)
    objective = float(weights[covers[:, sites].any(axis=1)].sum())
    bound = min(float(weights[covers.any(axis=1)].sum()), -solution.bound)
    proven = bound - objective <= TOLERANCE * max(1.0, objective)
    return SitingSolution(tuple(sorted(sites.tolist())), objective, objective if proven else bound, proven)
