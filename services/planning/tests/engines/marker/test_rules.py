"""The marker's arithmetic: means over what is there, coverage, and what the weights could change."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from planning.engines.arrays import Floats
from planning.engines.marker import Area, Catalogue, Dimension, Direction, Indicator, Normalisation, mark
from planning.engines.marker.rules import greatest, kept_at_the_bottom, normalised

MORE, LESS = Direction.more, Direction.less
NAN = float("nan")


@pytest.mark.parametrize(
    ("indicator", "values", "scores"),
    [
        (Indicator("x", MORE, "d"), [2, 4, 3], [0, 100, 50]),
        (Indicator("x", LESS, "d"), [2, 4, 3], [100, 0, 50]),
        (Indicator("x", MORE, "d"), [2, NAN, 4], [0, NAN, 100]),
        (Indicator("x", MORE, "d"), [7, 7], [50, 50]),
        (Indicator("x", MORE, "d", 1, Normalisation.bounds, 0, 10), [-5, 5, 20], [0, 50, 100]),
        (Indicator("x", LESS, "d", 1, Normalisation.bounds, 0, 10), [-5, 2, 20], [100, 80, 0]),
        (Indicator("x", MORE, "d", 1, Normalisation.rank), [1, 9, 9, NAN, 30], [12.5, 50, 50, NAN, 87.5]),
        (Indicator("x", MORE, "d"), [NAN, NAN], [NAN, NAN]),
    ],
)
def test_a_value_becomes_a_score(indicator: Indicator, values: list[float], scores: list[float]) -> None:
    np.testing.assert_allclose(normalised(np.array(values, float), indicator), scores)


def small(minimum: float = 2 / 3) -> Catalogue:
    bounds = {"normalisation": Normalisation.bounds, "low": 0.0, "high": 100.0}
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


def test_indicators_make_dimensions_make_areas_make_the_index() -> None:
    found = mark(table(**FULL), small())
    assert found.dimensions["services"][0] == pytest.approx((2 * 60 + 90) / 3)
    assert found.areas["housing"][0] == pytest.approx((3 * 70 + 30) / 4)
    assert found.areas["space"][0] == pytest.approx(80)
    assert found.index[0] == pytest.approx((60 + 80) / 2)
    assert found.coverage[0] == 1


def test_governance_is_a_battery_and_no_part_of_the_index() -> None:
    found = mark(table(**FULL), small())
    assert found.dimensions["voice"][0] == 50
    assert "governance" not in found.areas
    assert mark(table(**{**FULL, "council": [0.0]}), small()).index[0] == found.index[0]


def test_what_is_missing_is_left_out_and_told() -> None:
    found = mark(table(**{**FULL, "power": [NAN]}), small())
    assert found.dimensions["services"][0] == 60  # two thirds of its weight are there
    assert found.coverage[0] == pytest.approx((3 * (2 / 3) + 1) / 4 / 2 + 1 / 2)


def test_where_too_much_is_missing_there_is_no_score() -> None:
    found = mark(table(**{**FULL, "water": [NAN]}), small())
    assert np.isnan([found.dimensions["services"][0], found.areas["housing"][0], found.index[0]]).all()
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert found.areas["space"][0] == 80
    assert found.coverage[0] == 0.5


def test_one_cells_gap_changes_no_other_cell() -> None:
    both = {name: values * 2 for name, values in FULL.items()}
    holed = mark(table(**{**both, "water": [60, NAN]}), small())
    assert holed.index[0] == mark(table(**both), small()).index[0]


@settings(max_examples=100, deadline=None)
@given(
    scores=some.lists(some.one_of(some.floats(0, 100), some.just(NAN)), min_size=1, max_size=5).filter(
        lambda scores: bool(np.isfinite(scores).any())
    ),
    weights=some.lists(some.floats(0.1, 5), min_size=5, max_size=5),
    doubt=some.floats(0, 0.9),
)
def test_the_greatest_mean_is_that_of_the_best_corner_of_the_weights(
    scores: list[float], weights: list[float], doubt: float
) -> None:
    row, own = np.array([scores]), np.array(weights[: len(scores)])
    present = np.isfinite(row[0])
    corners = [
        np.average(row[0][present], weights=(own * np.array(factors))[present])
        for factors in product((1 - doubt, 1 + doubt), repeat=len(scores))
    ]
    assert greatest(row, own[:, None], doubt)[0, 0] == pytest.approx(max(corners), abs=1e-9)


def test_the_interval_is_that_of_every_corner_of_the_weights_of_all_levels() -> None:
    """Nine weights, each a third less or more: 512 markers, the least and the greatest index of each cell."""
    chance, doubt, book = np.random.default_rng(8), 1 / 3, small(1e-9)
    columns = {name: np.where(chance.random(12) < 0.2, NAN, chance.random(12) * 100) for name in FULL}
    found = mark(columns, book, doubt=doubt)
    corners = []
    for factors in product((1 - doubt, 1 + doubt), repeat=9):
        factor = iter(factors)
        shaken = Catalogue(
            tuple(replace(one, weight=one.weight * next(factor)) for one in book.indicators[:4])
            + book.indicators[4:],
            tuple(replace(one, weight=one.weight * next(factor)) for one in book.dimensions[:3])
            + book.dimensions[3:],
            tuple(replace(one, weight=one.weight * next(factor)) for one in book.areas[:2]) + book.areas[2:],
            1e-9,
        )
        corners.append(mark(columns, shaken, doubt=0).index)
    np.testing.assert_allclose(found.low, np.min(corners, axis=0))
    np.testing.assert_allclose(found.high, np.max(corners, axis=0))


@settings(max_examples=50, deadline=None)
@given(seed=some.integers(0, 10**6), missing=some.floats(0, 0.6))
def test_every_score_is_between_0_and_100_and_the_index_in_its_interval(seed: int, missing: float) -> None:
    chance = np.random.default_rng(seed)
    columns = {name: chance.random(30) * 140 - 20 for name in FULL}
    for values in columns.values():
        values[chance.random(30) < missing] = np.nan
    found = mark(columns, small(0.5))
    for scores in (*found.dimensions.values(), *found.areas.values(), found.index):
        known = scores[np.isfinite(scores)]
        assert ((known >= 0) & (known <= 100)).all()
    given_ = np.isfinite(found.index)
    assert (found.low[given_] <= found.index[given_] + 1e-9).all()
    assert (found.index[given_] <= found.high[given_] + 1e-9).all()
    assert ((found.coverage >= 0) & (found.coverage <= 1 + 1e-12)).all()


def test_an_area_that_decides_who_is_worst_is_found_out() -> None:
    cells = 20
    even = np.full(cells, 50.0)
    found = mark(
        {"water": even, "power": even, "roofs": even, "murders": np.arange(cells) * 5.0, "council": even},
        small(),
    )
    kept = kept_at_the_bottom(found, small())
    assert kept == {"housing": 1.0, "space": 0.0}
