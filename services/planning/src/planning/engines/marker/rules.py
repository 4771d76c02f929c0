"""The Urban Inclusion Marker (UN-Habitat): from indicators to dimensions, areas and one index per cell.

Each indicator becomes 0 (worst) to 100 (best); a dimension is the weighted mean of its indicators, an area of its
dimensions, the index of its areas. Missing values are left out of a mean, and the coverage states the share that was
present; below the catalogue's minimum coverage there is no mean. No value is imputed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planning.engines.arrays import Floats
from planning.engines.marker.catalogue import Catalogue, Direction, Indicator, Normalisation

# Weights are chosen by people, not measured, so the interval of the index lets each deviate by a quarter.
DEFAULT_DOUBT = 0.25
# The rounding error of a mean, on the scale of 100.
ROUNDING = 1e-11
# This many cells at a time fit a processor's cache, and a slice ends once its own cells have converged.
CELLS_PER_SLICE = 1024


@dataclass(frozen=True)
class Marker:
    """Scores from 0 to 100 per cell, NaN where too much is missing; `coverage` is that of the index, 0 to 1.

    The index lies between `low` and `high` for all weights of indicators, dimensions and areas that deviate by at most
    the stated share. Keys are the catalogue's columns and ids.
    """

    indicators: Mapping[str, Floats]
    dimensions: Mapping[str, Floats]
    areas: Mapping[str, Floats]
    index: Floats
    coverage: Floats
    low: Floats
    high: Floats


def compute_marker(
    table: Mapping[str, Floats], catalogue: Catalogue, *, doubt: float = DEFAULT_DOUBT
) -> Marker:
    """Return the marker of every cell; `table` has a column per indicator, one value per cell, NaN for missing.

    `doubt` is the share by which each weight may deviate. Raises KeyError for a column that the table lacks.
    """
    scores = np.column_stack(
        [normalise(table[indicator.column], indicator) for indicator in catalogue.indicators]
    )
    composed = [area for area in catalogue.areas if area.composed]
    indicators = _Level(scores, np.isfinite(scores).astype(float), scores, scores)
    dimensions = indicators.aggregate(
        _weight_matrix(
            [(indicator.dimension, indicator.weight) for indicator in catalogue.indicators],
            [dimension.id for dimension in catalogue.dimensions],
        ),
        catalogue.minimum_coverage,
        doubt,
    )
    areas = dimensions.aggregate(
        _weight_matrix(
            [(dimension.area, dimension.weight) for dimension in catalogue.dimensions],
            [area.id for area in composed],
        ),
        catalogue.minimum_coverage,
        doubt,
    )
    index = areas.aggregate(np.array([[area.weight] for area in composed]), catalogue.minimum_coverage, doubt)
    return Marker(
        indicators={one.column: scores[:, column] for column, one in enumerate(catalogue.indicators)},
        dimensions={one.id: dimensions.scores[:, column] for column, one in enumerate(catalogue.dimensions)},
        areas={area.id: areas.scores[:, column] for column, area in enumerate(composed)},
        index=index.scores[:, 0],
        coverage=index.coverage[:, 0],
        low=index.low[:, 0],
        high=index.high[:, 0],
    )


@dataclass(frozen=True)
class _Level:
    """One level (indicators, dimensions, areas or the index), each of shape (cells, members), NaN where missing."""

    scores: Floats
    coverage: Floats
    low: Floats
    high: Floats

    def aggregate(self, weights: Floats, minimum_coverage: float, doubt: float) -> _Level:
        """Return the level above, by `weights[member, group]`.

        A mean grows with each of its members. So the members' own bounds give the bounds of the mean, and the interval
        is exact over the weights of all levels at once.
        """
        scores, coverage = _weighted_means(self.scores, self.coverage, weights, minimum_coverage)
        low = 100.0 - greatest_means(100.0 - self.low, weights, doubt)
        high = greatest_means(self.high, weights, doubt)
        has_score = np.isfinite(scores)
        return _Level(scores, coverage, np.where(has_score, low, np.nan), np.where(has_score, high, np.nan))


def normalise(values: Floats, indicator: Indicator) -> Floats:
    """Return scores from 0 (worst) to 100 (best); NaN stays NaN, and equal values all get 50 by range."""
    is_known = np.isfinite(values)
    known = values[is_known]
    scores = np.full(len(values), np.nan)
    if indicator.normalisation is Normalisation.RANK:
        ordered = np.sort(known)
        below = np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")
        scores[is_known] = 50.0 * below / max(len(known), 1)
    elif len(known):
        low = float(known.min()) if indicator.low is None else indicator.low
        high = float(known.max()) if indicator.high is None else indicator.high
        if low < high:
            scores[is_known] = 100.0 * np.clip((known - low) / (high - low), 0.0, 1.0)
        else:
            scores[is_known] = 50.0
    return 100.0 - scores if indicator.direction is Direction.LESS else scores


def _weight_matrix(members: list[tuple[str, float]], groups: list[str]) -> Floats:
    """Return weights of shape (members, groups): a member's weight in its own group, zero in the others."""
    weights = np.zeros((len(members), len(groups)))
    for row, (group, weight) in enumerate(members):
        if group in groups:
            weights[row, groups.index(group)] = weight
    return weights


def _weighted_means(
    scores: Floats, coverage: Floats, weights: Floats, minimum_coverage: float
) -> tuple[Floats, Floats]:
    """Return weighted means over the scores present, and the share of weight behind each."""
    present = np.isfinite(scores)
    total_weight = weights.sum(axis=0)
    weight_present = present.astype(float) @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (np.where(present, scores, 0.0) @ weights) / weight_present
    means[weight_present < minimum_coverage * total_weight * (1 - 1e-12)] = np.nan
    return means, (np.where(present, coverage, 0.0) @ weights) / total_weight


def greatest_means(scores: Floats, weights: Floats, doubt: float) -> Floats:
    """Return the greatest weighted means when each of `weights[member, group]` may deviate by the share `doubt`.

    The maximum is reached where the members above the mean have their greatest weight and the others their least.
    So the weights are set by the current mean until the mean no longer rises (Dinkelbach 1967): exact after at most as
    many rounds as there are members, and after three or four in practice. NaN is left out.
    """
    slices = (
        scores[start : start + CELLS_PER_SLICE] for start in range(0, max(len(scores), 1), CELLS_PER_SLICE)
    )
    return np.concatenate([_greatest_means_of_slice(cells, weights, doubt) for cells in slices])


def _greatest_means_of_slice(scores: Floats, weights: Floats, doubt: float) -> Floats:
    present, group = np.isfinite(scores), weights.argmax(axis=1)
    filled, weight = np.where(present, scores, 0.0), present.astype(float)
    means = np.full((len(scores), weights.shape[1]), -np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        while True:
            higher = np.asarray(((filled * weight) @ weights) / (weight @ weights))
            if not (higher > means + ROUNDING).any():
                return higher
            means = higher
            weight = np.where(filled > means[:, group], 1.0 + doubt, 1.0 - doubt) * present


def worst_cells_kept_without(marker: Marker, catalogue: Catalogue, share: float = 0.1) -> dict[str, float]:
    """Return, for each area, the share of the worst cells (a tenth) that remain the worst without that area."""
    composed = [area for area in catalogue.areas if area.composed]
    scores = np.column_stack([marker.areas[area.id] for area in composed])
    weights = np.array([area.weight for area in composed])
    scored = np.flatnonzero(np.isfinite(marker.index))
    number_of_worst = max(1, int(len(scored) * share))
    if len(composed) < 2 or not len(scored):
        return {}
    worst = set(scored[np.argsort(marker.index[scored], kind="stable")[:number_of_worst]].tolist())
    kept = {}
    for column, area in enumerate(composed):
        others = np.delete(np.arange(len(composed)), column)
        index, _ = _weighted_means(
            scores[scored][:, others], np.ones((len(scored), len(others))), weights[others][:, None], 1e-9
        )
        worst_without = scored[np.argsort(index[:, 0], kind="stable")[:number_of_worst]]
        kept[area.id] = len(worst & set(worst_without.tolist())) / number_of_worst
    return kept
