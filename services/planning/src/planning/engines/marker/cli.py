"""The command `python -m planning marker`, which computes the marker of cells by a catalogue."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from solidary.files.command_line import (
    CommandError,
    InvalidInput,
    atomic_file,
    cli_errors,
    require_writable,
    show_progress,
)
from solidary.files.tables import DecimalOption
from solidary.language.numbers import DecimalMark

from planning.engines.geojson import Feature, FeatureCollection, write_collection

if TYPE_CHECKING:
    from planning.engines.arrays import Floats
    from planning.engines.marker.catalogue import Catalogue
    from planning.engines.marker.rules import Marker

CELLS_PER_PROGRESS_UPDATE = 10_000


@cli_errors
def marker(
    cells: Annotated[Path, typer.Argument(help="GeoJSON cells with a property per indicator.")],
    catalogue: Annotated[Path, typer.Option(help="The catalogue of indicators, in TOML.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Write the cells with their marker to this file instead of standard output."),
    ] = None,
    doubt: Annotated[
        float, typer.Option(help="How much each weight may deviate, as a share of itself.")
    ] = 0.25,
    decimal: DecimalOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Compute the Urban Inclusion Marker of every cell."""
    from planning.engines.marker.catalogue import read
    from planning.engines.marker.rules import compute_marker

    if not 0 <= doubt < 1:
        raise CommandError("--doubt must be at least 0 and below 1.")
    if out is not None:
        require_writable(out)
    indicators = read(catalogue)
    collection = FeatureCollection(cells)
    columns = [indicator.column for indicator in indicators.indicators]
    table = _read_columns(collection, columns, catalogue, decimal)
    result = compute_marker(table, indicators, doubt=doubt)
    if out is not None:
        with atomic_file(out) as file:
            write_collection(file, collection.members, _marked_features(collection, result))
    elif not as_json:
        write_collection(sys.stdout, collection.members, _marked_features(collection, result))
    if as_json:
        typer.echo(json.dumps(summarise(table, result, indicators), ensure_ascii=False))


def _read_columns(
    collection: FeatureCollection, columns: list[str], catalogue: Path, decimal: DecimalMark | None
) -> dict[str, Floats]:
    """Return a column of numbers per indicator, NaN where a cell has none."""
    import numpy as np

    values = {column: array("d") for column in columns}
    for number, feature in enumerate(collection):
        for column in columns:
            value = collection.number(number, feature, column, decimal)
            values[column].append(float("nan") if value is None else value)
        if number % CELLS_PER_PROGRESS_UPDATE == 0:
            show_progress(number, None, "cells read")
    table = {
        column: np.frombuffer(numbers, dtype=float) if numbers else np.empty(0)
        for column, numbers in values.items()
    }
    for column, numbers in table.items():
        if not np.isfinite(numbers).any():
            raise InvalidInput(
                f"No cell of {collection.path} has a number for {column}.", file=catalogue, place="/indicator"
            )
    return table


def _marked_features(collection: FeatureCollection, result: Marker) -> Iterator[Feature]:
    """Yield the cells with `marker_…` properties added; null where too much is missing."""
    from planning.engines.marker.catalogue import RESERVED_IDS

    columns = {
        **{f"marker_{name}": getattr(result, name) for name in RESERVED_IDS},
        **{f"marker_{area}": scores for area, scores in result.areas.items()},
        **{f"marker_{dimension}": scores for dimension, scores in result.dimensions.items()},
    }
    for number, feature in enumerate(collection):
        added = {name: _rounded(scores[number]) for name, scores in columns.items()}
        yield {**feature, "properties": {**feature["properties"], **added}}


def _rounded(score: float) -> float | None:
    return round(float(score), 4) if score == score else None


def summarise(table: dict[str, Floats], result: Marker, catalogue: Catalogue) -> dict[str, Any]:
    """Return means over the cells that have a score, counts of missing values, and the order's robustness."""
    import numpy as np

    from planning.engines.marker.rules import worst_cells_kept_without

    def mean(scores: Floats) -> float | None:
        return _rounded(float(np.nanmean(scores))) if np.isfinite(scores).any() else None

    return {
        "cells": len(result.index),
        "scored": int(np.isfinite(result.index).sum()),
        "index": mean(result.index),
        "areas": {area: mean(scores) for area, scores in result.areas.items()},
        "dimensions": {dimension: mean(scores) for dimension, scores in result.dimensions.items()},
        "coverage": mean(result.coverage),
        "missing": {column: int((~np.isfinite(values)).sum()) for column, values in table.items()},
        "width": mean(result.high - result.low),
        "worst_tenth_kept_without": worst_cells_kept_without(result, catalogue),
    }
