"""The Urban Inclusion Marker (UN-Habitat): from indicators to dimensions, areas and one index per cell.

Each indicator becomes 0 (worst) to 100 (best); a dimension is the weighted mean of its indicators, an area of
its dimensions, the index of its areas. What is missing is left out of a mean and told as coverage; below the
catalogue's minimum coverage there is no mean at all. Nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planning.engines.arrays import Floats
from planning.engines.marker.catalogue import Catalogue, Direction, Indicator, Normalisation

# Weights are settled by people, not measured: how far off by a quarter would move the index.
DOUBT_IN_WEIGHTS = 0.25
# Of 100: what floating point may add to a mean.
ROUNDING = 1e-11
# So many cells at a time stay in a processor's cache, and wait for no other: twice as fast.
SLICE = 1024


@dataclass(frozen=True)
class Marker:
    """Scores 0 to 100 per cell, NaN where too much is missing; `coverage` is the index's, 0 to 1.

    The index lies between `low` and `high` whatever the weights of indicators, dimensions and areas, each within
    the stated share of its own. Keys are the catalogue's columns and ids.
    """

    indicators: Mapping[str, Floats]
    dimensions: Mapping[str, Floats]
    areas: Mapping[str, Floats]
    index: Floats
    coverage: Floats
    low: Floats
    high: Floats


def mark(table: Mapping[str, Floats], catalogue: Catalogue, *, doubt: float = DOUBT_IN_WEIGHTS) -> Marker:
    """The marker of every cell; `table` has a column per indicator, one value per cell, NaN for missing.

    Raises KeyError for a column that the table lacks.
    """
    scores = np.column_stack([normalised(table[one.column], one) for one in catalogue.indicators])
    composed = [area for area in catalogue.areas if area.composed]
    found = _Level(scores, np.isfinite(scores).astype(float), scores, scores)
    dimensions = found.up(
        _weights(
            [(one.dimension, one.weight) for one in catalogue.indicators],
            [one.id for one in catalogue.dimensions],
        ),
        catalogue.minimum_coverage,
        doubt,
    )
    areas = dimensions.up(
        _weights([(one.area, one.weight) for one in catalogue.dimensions], [area.id for area in composed]),
        catalogue.minimum_coverage,
        doubt,
    )
    index = areas.up(np.array([[area.weight] for area in composed]), catalogue.minimum_coverage, doubt)
    return Marker(
        indicators={one.column: scores[:, at] for at, one in enumerate(catalogue.indicators)},
        dimensions={one.id: dimensions.scores[:, at] for at, one in enumerate(catalogue.dimensions)},
        areas={area.id: areas.scores[:, at] for at, area in enumerate(composed)},
        index=index.scores[:, 0],
        coverage=index.coverage[:, 0],
        low=index.low[:, 0],
        high=index.high[:, 0],
    )


@dataclass(frozen=True)
class _Level:
    """Indicators, dimensions, areas or the index: (cells, members) each, NaN where a score is missing."""

    scores: Floats
    coverage: Floats
    low: Floats
    high: Floats

    def up(self, weights: Floats, least: float, doubt: float) -> _Level:
        """The level above, `weights[member, group]`.

        A mean grows with each of its members. So the members' own bounds give the bounds of the mean, and the
        interval is exact over the weights of all levels at once.
        """
        scores, coverage = _means(self.scores, self.coverage, weights, least)
        low, high = 100.0 - greatest(100.0 - self.low, weights, doubt), greatest(self.high, weights, doubt)
        given = np.isfinite(scores)
        return _Level(scores, coverage, np.where(given, low, np.nan), np.where(given, high, np.nan))


def normalised(values: Floats, indicator: Indicator) -> Floats:
    """0 (worst) to 100 (best); NaN stays NaN. Where all values are alike, range gives everyone 50."""
    known = np.isfinite(values)
    found = values[known]
    scores = np.full(len(values), np.nan)
    if indicator.normalisation is Normalisation.rank:
        ordered = np.sort(found)
        below = np.searchsorted(ordered, found, "left") + np.searchsorted(ordered, found, "right")
        scores[known] = 50.0 * below / max(len(found), 1)
    elif len(found):
        low = float(found.min()) if indicator.low is None else indicator.low
        high = float(found.max()) if indicator.high is None else indicator.high
        if low < high:
            scores[known] = 100.0 * np.clip((found - low) / (high - low), 0.0, 1.0)
        else:
            scores[known] = 50.0
    return 100.0 - scores if indicator.direction is Direction.less else scores


def _weights(members: list[tuple[str, float]], groups: list[str]) -> Floats:
    """(members, groups): a member's weight in its own group, nought in the others."""
    weights = np.zeros((len(members), len(groups)))
    for row, (group, weight) in enumerate(members):
        if group in groups:
            weights[row, groups.index(group)] = weight
    return weights


def _means(scores: Floats, coverage: Floats, weights: Floats, least: float) -> tuple[Floats, Floats]:
    """Weighted means over what is present, and the share of weight behind each."""
    present = np.isfinite(scores)
    whole = weights.sum(axis=0)
    there = present.astype(float) @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (np.where(present, scores, 0.0) @ weights) / there
    means[there < least * whole * (1 - 1e-12)] = np.nan
    return means, (np.where(present, coverage, 0.0) @ weights) / whole


def greatest(scores: Floats, weights: Floats, doubt: float) -> Floats:
    """The greatest weighted means when each of `weights[member, group]` may be off by the share `doubt`.

    It is reached where the members above the mean weigh the most they may and the others the least. So weights
    are set by the mean so far until it rises no more (Dinkelbach 1967): exact after as many rounds as there are
    members at most, and after three or four in practice. NaN counts for nothing.
    """
    slices = (scores[at : at + SLICE] for at in range(0, max(len(scores), 1), SLICE))
    return np.concatenate([_greatest(some, weights, doubt) for some in slices])


def _greatest(scores: Floats, weights: Floats, doubt: float) -> Floats:
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


def kept_at_the_bottom(marker: Marker, catalogue: Catalogue, share: float = 0.1) -> dict[str, float]:
    """Per area: of the worst cells (a tenth), how many remain among the worst when the area is left out."""
    composed = [area for area in catalogue.areas if area.composed]
    scores = np.column_stack([marker.areas[area.id] for area in composed])
    weights = np.array([area.weight for area in composed])
    given = np.flatnonzero(np.isfinite(marker.index))
    many = max(1, int(len(given) * share))
    if len(composed) < 2 or not len(given):
        return {}
    worst = set(given[np.argsort(marker.index[given], kind="stable")[:many]].tolist())
    kept = {}
    for at, area in enumerate(composed):
        others = np.delete(np.arange(len(composed)), at)
        index, _ = _means(
            scores[given][:, others], np.ones((len(given), len(others))), weights[others][:, None], 1e-9
        )
        again = given[np.argsort(index[:, 0], kind="stable")[:many]]
        kept[area.id] = len(worst & set(again.tolist())) / many
    return kept
