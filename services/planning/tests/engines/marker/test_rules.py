"""Tests of the marker's arithmetic: means over present values, coverage, and the interval over weights."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.arrays import Floats
from planning.engines.marker import (
    Area,
    Catalogue,
    Dimension,
    Direction,
    Indicator,
    Normalisation,
    compute_marker,
)
from planning.engines.marker.rules import greatest_means, normalise, worst_cells_kept_without

MORE, LESS = Direction.MORE, Direction.LESS
NAN = float("nan")


@pytest.mark.parametrize(
    ("indicator", "values", "scores"),
    [
        (Indicator("x", MORE, "d"), [2, 4, 3], [0, 100, 50]),
        (Indicator("x", LESS, "d"), [2, 4, 3], [100, 0, 50]),
        (Indicator("x", MORE, "d"), [2, NAN, 4], [0, NAN, 100]),
        (Indicator("x", MORE, "d"), [7, 7], [50, 50]),
        (Indicator("x", MORE, "d", 1, Normalisation.BOUNDS, 0, 10), [-5, 5, 20], [0, 50, 100]),
        (Indicator("x", LESS, "d", 1, Normalisation.BOUNDS, 0, 10), [-5, 2, 20], [100, 80, 0]),
        (Indicator("x", MORE, "d", 1, Normalisation.RANK), [1, 9, 9, NAN, 30], [12.5, 50, 50, NAN, 87.5]),
        (Indicator("x", MORE, "d"), [NAN, NAN], [NAN, NAN]),
    ],
)
def test_values_are_normalised_to_scores(
    indicator: Indicator, values: list[float], scores: list[float]
) -> None:
    np.testing.assert_allclose(normalise(np.array(values, float), indicator), scores)


def small(minimum: float = 2 / 3) -> Catalogue:
    bounds = {"normalisation": Normalisation.BOUNDS, "low": 0.0, "high": 100.0}
    return Catalogue(
        indicators=(
            Indicator("water", MORE, "services", 2.0, **bounds),
            Indicator("power", MORE, "services", 1.0, **bounds),
            Indicator("roofs", MORE, "dwelling", 1.0, **bounds),
            Indicator("murders", LESS, "safety", 1.0, **bounds),
            Indicator("council", MORE, "voice", 1.0, **bounds),
        ),
        dimensions=(
            Dimension("services", "housing", 3.0),
            Dimension("dwelling", "housing", 1.0),
            Dimension("safety", "space"),
            Dimension("voice", "governance"),
        ),
        areas=(Area("housing", 1.0), Area("space", 1.0), Area("governance", composed=False)),
        minimum_coverage=minimum,
    )


def table(**columns: list[float]) -> dict[str, Floats]:
    return {name: np.array(values, float) for name, values in columns.items()}


FULL = {"water": [60.0], "power": [90.0], "roofs": [30.0], "murders": [20.0], "council": [50.0]}


def test_indicators_are_aggregated_to_dimensions_areas_and_the_index() -> None:
    marker = compute_marker(table(**FULL), small())
    assert marker.dimensions["services"][0] == pytest.approx((2 * 60 + 90) / 3)
    assert marker.areas["housing"][0] == pytest.approx((3 * 70 + 30) / 4)
    assert marker.areas["space"][0] == pytest.approx(80)
    assert marker.index[0] == pytest.approx((60 + 80) / 2)
    assert marker.coverage[0] == 1


def test_an_area_that_is_not_composed_is_no_part_of_the_index() -> None:
    marker = compute_marker(table(**FULL), small())
    assert marker.dimensions["voice"][0] == 50
    assert "governance" not in marker.areas
    assert compute_marker(table(**{**FULL, "council": [0.0]}), small()).index[0] == marker.index[0]


def test_missing_values_are_left_out_and_lower_the_coverage() -> None:
    marker = compute_marker(table(**{**FULL, "power": [NAN]}), small())
    assert marker.dimensions["services"][0] == 60  # two thirds of its weight are there
    assert marker.coverage[0] == pytest.approx((3 * (2 / 3) + 1) / 4 / 2 + 1 / 2)


def test_there_is_no_score_where_too_much_is_missing() -> None:
    marker = compute_marker(table(**{**FULL, "water": [NAN]}), small())
    assert np.isnan([marker.dimensions["services"][0], marker.areas["housing"][0], marker.index[0]]).all()
    assert np.isnan([marker.low[0], marker.high[0]]).all()
    assert marker.areas["space"][0] == 80
    assert marker.coverage[0] == 0.5


def test_a_missing_value_of_one_cell_changes_no_other_cell() -> None:
    both = {name: values * 2 for name, values in FULL.items()}
    with_gap = compute_marker(table(**{**both, "water": [60, NAN]}), small())
    assert with_gap.index[0] == compute_marker(table(**both), small()).index[0]


@settings(max_examples=100, deadline=None)
@given(
    scores=some.lists(some.one_of(some.floats(0, 100), some.just(NAN)), min_size=1, max_size=5).filter(
        lambda scores: bool(np.isfinite(scores).any())
    ),
    weights=some.lists(some.floats(0.1, 5), min_size=5, max_size=5),
    doubt=some.floats(0, 0.9),
)
def test_the_greatest_mean_is_that_of_the_best_combination_of_weights(
    scores: list[float], weights: list[float], doubt: float
) -> None:
    row, own = np.array([scores]), np.array(weights[: len(scores)])
    present = np.isfinite(row[0])
    corners = [
        np.average(row[0][present], weights=(own * np.array(factors))[present])
        for factors in product((1 - doubt, 1 + doubt), repeat=len(scores))
    ]
    assert greatest_means(row, own[:, None], doubt)[0, 0] == pytest.approx(max(corners), abs=1e-9)


def test_the_interval_is_exact_over_the_weights_of_all_levels() -> None:
    """Nine weights, each a third less or more, give 512 markers: their least and greatest index is the interval."""
    generator, doubt, catalogue = np.random.default_rng(8), 1 / 3, small(1e-9)
    columns = {name: np.where(generator.random(12) < 0.2, NAN, generator.random(12) * 100) for name in FULL}
    marker = compute_marker(columns, catalogue, doubt=doubt)
    corners = []
    for factors in product((1 - doubt, 1 + doubt), repeat=9):
        factor = iter(factors)
        changed = Catalogue(
            tuple(replace(one, weight=one.weight * next(factor)) for one in catalogue.indicators[:4])
            + catalogue.indicators[4:],
            tuple(replace(one, weight=one.weight * next(factor)) for one in catalogue.dimensions[:3])
            + catalogue.dimensions[3:],
            tuple(replace(one, weight=one.weight * next(factor)) for one in catalogue.areas[:2])
            + catalogue.areas[2:],
            1e-9,
        )
        corners.append(compute_marker(columns, changed, doubt=0).index)
    np.testing.assert_allclose(marker.low, np.min(corners, axis=0))
    np.testing.assert_allclose(marker.high, np.max(corners, axis=0))


@settings(max_examples=50, deadline=None)
@given(seed=some.integers(0, 10**6), missing=some.floats(0, 0.6))
def test_every_score_is_between_0_and_100_and_the_index_in_its_interval(seed: int, missing: float) -> None:
    generator = np.random.default_rng(seed)
    columns = {name: generator.random(30) * 140 - 20 for name in FULL}
    for values in columns.values():
        values[generator.random(30) < missing] = np.nan
    marker = compute_marker(columns, small(0.5))
    for scores in (*marker.dimensions.values(), *marker.areas.values(), marker.index):
        known = scores[np.isfinite(scores)]
        assert ((known >= 0) & (known <= 100)).all()
    given_ = np.isfinite(marker.index)
    assert (marker.low[given_] <= marker.index[given_] + 1e-9).all()
    assert (marker.index[given_] <= marker.high[given_] + 1e-9).all()
    assert ((marker.coverage >= 0) & (marker.coverage <= 1 + 1e-12)).all()


def test_the_share_of_worst_cells_kept_shows_an_area_that_decides_alone() -> None:
    cells = 20
    even = np.full(cells, 50.0)
    marker = compute_marker(
        {"water": even, "power": even, "roofs": even, "murders": np.arange(cells) * 5.0, "council": even},
        small(),
    )
    kept = worst_cells_kept_without(marker, small())
    assert kept == {"housing": 1.0, "space": 0.0}
