"""The Urban Inclusion Marker (UN-Habitat): from indicators to dimensions, areas and one index per cell.

Each indicator becomes 0 (worst) to 100 (best); a dimension is the weighted mean of its indicators, an area of
its dimensions, the index of its areas. What is missing is left out of a mean and told as coverage; below the
catalogue's minimum coverage there is no mean at all. Nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.marker.catalogue import Catalogue, Direction, Indicator, Normalisation

Floats = NDArray[np.float64]

# Weights of areas are settled by people, not measured: how far off by a quarter would move the index.
DOUBT_IN_WEIGHTS = 0.25


@dataclass(frozen=True)
class Marker:
    """Scores 0 to 100 per cell, NaN where too much is missing; `coverage` is the index's, 0 to 1.

    The index lies between `low` and `high` whatever the area weights, each within the stated share of its
    own. Keys are the catalogue's columns and ids.
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
    least = catalogue.minimum_coverage
    scores = np.column_stack([normalised(table[one.column], one) for one in catalogue.indicators])
    dimension_scores, dimension_coverage = _means(
        scores,
        np.isfinite(scores).astype(float),
        _weights(
            [(one.dimension, one.weight) for one in catalogue.indicators],
            [one.id for one in catalogue.dimensions],
        ),
        least,
    )
    composed = [area for area in catalogue.areas if area.composed]
    area_scores, area_coverage = _means(
        dimension_scores,
        dimension_coverage,
        _weights([(one.area, one.weight) for one in catalogue.dimensions], [area.id for area in composed]),
        least,
    )
    weights = np.array([area.weight for area in composed])
    index, coverage = _means(area_scores, area_coverage, weights[:, None], least)
    low, high = between(area_scores, weights, doubt)
    given = np.isfinite(index[:, 0])
    return Marker(
        indicators={one.column: scores[:, at] for at, one in enumerate(catalogue.indicators)},
        dimensions={one.id: dimension_scores[:, at] for at, one in enumerate(catalogue.dimensions)},
        areas={area.id: area_scores[:, at] for at, area in enumerate(composed)},
        index=index[:, 0],
        coverage=coverage[:, 0],
        low=np.where(given, low, np.nan),
        high=np.where(given, high, np.nan),
    )


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


def between(scores: Floats, weights: Floats, doubt: float) -> tuple[Floats, Floats]:
    """The least and the greatest weighted mean when each weight may be off by the share `doubt`.

    A weighted mean is greatest when the best scores weigh the most they may and the others the least: one of
    as many splits as there are scores. So the interval is exact, without drawing weights at random.
    """
    present = np.isfinite(scores)
    light = np.where(present, weights * (1 - doubt), 0.0)
    extra = np.where(present, weights * 2 * doubt, 0.0)
    filled = np.where(present, scores, 0.0)

    def greatest(order: NDArray[np.intp]) -> Floats:
        ranked = np.take_along_axis(filled, order, axis=1)
        more = np.take_along_axis(extra, order, axis=1)
        base, mass = (filled * light).sum(axis=1), light.sum(axis=1)
        sums = base[:, None] + np.cumsum(ranked * more, axis=1)
        return np.asarray(sums / (mass[:, None] + np.cumsum(more, axis=1)))

    with np.errstate(invalid="ignore", divide="ignore"):
        down = np.argsort(np.where(present, -scores, np.inf), axis=1)
        up = np.argsort(np.where(present, scores, np.inf), axis=1)
        return greatest(up).min(axis=1), greatest(down).max(axis=1)


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
