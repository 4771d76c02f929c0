"""The Urban Inclusion Marker of 100,000 cells × 30 indicators, compared with plain Python cell by cell."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from planning.engines.marker import Area, Catalogue, Dimension, Direction, Indicator, compute_marker

from benchmarks import BenchmarkResult, Claim

CELLS, INDICATORS, DIMENSIONS, AREAS = 100_000, 30, 14, 5
SECONDS = 2.0

Table = dict[str, NDArray[np.float64]]


def measure() -> BenchmarkResult:
    table, catalogue = _city(), _catalogue()
    started = time.perf_counter()
    ours = compute_marker(table, catalogue)
    our_seconds = time.perf_counter() - started
    started = time.perf_counter()
    theirs = _compute_cell_by_cell(table, catalogue)
    their_seconds = time.perf_counter() - started
    difference = float(np.nanmax(np.abs(ours.index - theirs)))
    same_missing = bool((np.isnan(ours.index) == np.isnan(theirs)).all())
    size = {"cells": CELLS, "indicators": INDICATORS}
    return BenchmarkResult(
        [
            {**size, "program": "solidary (with intervals)", "seconds": our_seconds},
            {**size, "program": "plain Python", "seconds": their_seconds},
        ],
        [
            Claim("seconds", our_seconds, SECONDS, at_least=False),
            Claim("times the speed of plain Python", their_seconds / our_seconds, 5),
            Claim("the indexes differ by at most", difference, 1e-9, at_least=False),
            Claim("the same cells without an index (1 = yes)", float(same_missing), 1),
        ],
    )


def _city() -> Table:
    """Return values of all sizes, of which one in twenty is missing."""
    generator = np.random.default_rng(5)
    table = {}
    for number in range(INDICATORS):
        values = generator.normal(number, 1 + number, CELLS)
        values[generator.random(CELLS) < 0.05] = np.nan
        table[f"i{number}"] = values
    return table


def _catalogue() -> Catalogue:
    directions = (Direction.MORE, Direction.LESS)
    return Catalogue(
        tuple(
            Indicator(f"i{number}", directions[number % 2], f"d{number % DIMENSIONS}", 1 + number % 3)
            for number in range(INDICATORS)
        ),
        tuple(Dimension(f"d{number}", f"a{number % AREAS}", 1 + number % 2) for number in range(DIMENSIONS)),
        tuple(Area(f"a{number}", 1 + number % 2) for number in range(AREAS)),
    )


def _compute_cell_by_cell(table: Table, catalogue: Catalogue) -> NDArray[np.float64]:
    """Compute the index by its definition, without arrays."""
    columns = {name: values.tolist() for name, values in table.items()}
    bounds = {name: (np.nanmin(values), np.nanmax(values)) for name, values in table.items()}

    def mean(scored: list[tuple[float | None, float]]) -> float | None:
        present = [(score, weight) for score, weight in scored if score is not None]
        weight_present, total_weight = (
            sum(weight for _, weight in present),
            sum(weight for _, weight in scored),
        )
        if weight_present < catalogue.minimum_coverage * total_weight * (1 - 1e-12):
            return None
        return sum(score * weight for score, weight in present) / weight_present

    indexes = []
    for cell in range(CELLS):
        by_dimension: dict[str, list[tuple[float | None, float]]] = {}
        for one in catalogue.indicators:
            value, (low, high) = columns[one.column][cell], bounds[one.column]
            score = None if value != value else 100 * (value - low) / (high - low)
            if score is not None and one.direction is Direction.LESS:
                score = 100 - score
            by_dimension.setdefault(one.dimension, []).append((score, one.weight))
        by_area: dict[str, list[tuple[float | None, float]]] = {}
        for dimension in catalogue.dimensions:
            by_area.setdefault(dimension.area, []).append(
                (mean(by_dimension[dimension.id]), dimension.weight)
            )
        index = mean([(mean(by_area[area.id]), area.weight) for area in catalogue.areas])
        indexes.append(np.nan if index is None else index)
    return np.array(indexes)
