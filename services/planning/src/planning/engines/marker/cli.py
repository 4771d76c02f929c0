"""`python -m planning marker`: cells and a catalogue in, cells with their marker out."""

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

from planning.engines.geojson import Collection, Feature, write

if TYPE_CHECKING:
    from planning.engines.arrays import Floats
    from planning.engines.marker.catalogue import Catalogue
    from planning.engines.marker.rules import Marker

CELLS_PER_WORD = 10_000


@cli_errors
def marker(
    cells: Annotated[Path, typer.Argument(help="GeoJSON cells with a property per indicator.")],
    catalogue: Annotated[Path, typer.Option(help="The catalogue of indicators, in TOML.")],
    out: Annotated[
        Path | None, typer.Option(help="The cells with their marker; else standard output.")
    ] = None,
    doubt: Annotated[float, typer.Option(help="How far off each weight may be, as a share.")] = 0.25,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Compute the Urban Inclusion Marker of every cell."""
    from planning.engines.marker.catalogue import read
    from planning.engines.marker.rules import mark

    if not 0 <= doubt < 1:
        raise CommandError("--doubt must be at least 0 and below 1")
    if out is not None:
        require_writable(out)
    book = read(catalogue)
    collection = Collection(cells)
    table = _columns(collection, [indicator.column for indicator in book.indicators], catalogue)
    found = mark(table, book, doubt=doubt)
    if out is not None:
        with atomic_file(out) as file:
            write(file, collection.head, _beside(collection, found))
    elif not as_json:
        write(sys.stdout, collection.head, _beside(collection, found))
    if as_json:
        typer.echo(json.dumps(summary(table, found, book), ensure_ascii=False))


def _columns(collection: Collection, columns: list[str], catalogue: Path) -> dict[str, Floats]:
    """A column of numbers per indicator, NaN where a cell has none."""
    import numpy as np

    values = {column: array("d") for column in columns}
    for number, feature in enumerate(collection):
        for column in columns:
            values[column].append(_value(collection, number, feature, column))
        if number % CELLS_PER_WORD == 0:
            show_progress(number, None, "cells read")
    table = {
        column: np.frombuffer(held, dtype=float) if held else np.empty(0) for column, held in values.items()
    }
    for column, found in table.items():
        if not np.isfinite(found).any():
            raise InvalidInput(
                f"no cell of {collection.path} has a number for {column}", file=catalogue, place="/indicator"
            )
    return table


def _value(collection: Collection, number: int, feature: Feature, column: str) -> float:
    value = feature["properties"].get(column)
    if value is None or (isinstance(value, str) and not value.strip()):
        return float("nan")
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise collection.broken(number, f"not a number: {value!r}", f"/properties/{column}") from error
    if amount in (float("inf"), float("-inf")):
        raise collection.broken(number, "not a finite number", f"/properties/{column}")
    return amount


def _beside(collection: Collection, found: Marker) -> Iterator[Feature]:
    """The cells as they were, with `marker_…` properties; null where too much is missing."""
    from planning.engines.marker.catalogue import RESERVED

    columns = {
        **{f"marker_{own}": getattr(found, own) for own in RESERVED},
        **{f"marker_{area}": scores for area, scores in found.areas.items()},
        **{f"marker_{dimension}": scores for dimension, scores in found.dimensions.items()},
    }
    for number, feature in enumerate(collection):
        own = {name: _plain(scores[number]) for name, scores in columns.items()}
        yield {**feature, "properties": {**feature["properties"], **own}}


def _plain(score: float) -> float | None:
    return round(float(score), 4) if score == score else None


def summary(table: dict[str, Floats], found: Marker, catalogue: Catalogue) -> dict[str, Any]:
    """Means over the cells that have a score, what is missing, and how firm the order is."""
    import numpy as np

    from planning.engines.marker.rules import kept_at_the_bottom

    def mean(scores: Floats) -> float | None:
        return _plain(float(np.nanmean(scores))) if np.isfinite(scores).any() else None

    return {
        "cells": len(found.index),
        "scored": int(np.isfinite(found.index).sum()),
        "index": mean(found.index),
        "areas": {area: mean(scores) for area, scores in found.areas.items()},
        "dimensions": {dimension: mean(scores) for dimension, scores in found.dimensions.items()},
        "coverage": mean(found.coverage),
        "missing": {column: int((~np.isfinite(values)).sum()) for column, values in table.items()},
        "width": mean(found.high - found.low),
        "worst_tenth_kept_without": kept_at_the_bottom(found, catalogue),
    }
