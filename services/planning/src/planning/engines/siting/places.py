"""Places and candidates from GeoJSON points or cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from solidary.files.command_line import CommandError, InvalidInput

from planning.engines.geojson import Collection, Feature, middle
from planning.engines.siting.sphere import apart
from planning.engines.siting.streets import along, read_streets
from planning.engines.siting.task import MOST_PAIRS, Id, Task


def read(
    path: Path,
    *,
    weight: str = "weight",
    candidate: str = "candidate",
    slope: str | None = None,
    streets: Path | None = None,
) -> Task:
    """The task of a feature collection.

    `weight` is the property that counts people; a feature without it is only a candidate. `candidate`
    marks where a site may stand (everywhere, when no feature has that property). `slope` is the property
    with the factor by which a place's distances are multiplied, as in the city viewers: 1 to 2 by slope.
    Raises InvalidInput with a JSON pointer, CommandError beyond `MOST_PAIRS` pairs.
    """
    collection = Collection(path)
    ids: list[Id] = []
    points: list[tuple[float, float]] = []
    weights, factors = [], []
    marks: list[bool | None] = []
    for number, feature in enumerate(collection):
        point = middle(feature)
        if point is None:
            raise collection.broken(number, "no point or area in degrees", "/geometry")
        points.append(point)
        ids.append(_id(feature, number))
        marks.append(_mark(feature["properties"].get(candidate)))
        weights.append(_number(collection, number, feature, weight))
        factors.append(1.0 if slope is None else _number(collection, number, feature, slope))
        if weights[-1] is None and not marks[-1]:
            raise collection.broken(number, f"no {weight}, and not a candidate", "/properties")
        if factors[-1] is None:
            raise collection.broken(number, f"no {slope}", "/properties")
    if not points:
        raise InvalidInput("holds no features", file=path)
    where, heads = np.array(points), np.array([np.nan if one is None else one for one in weights])
    may = np.array([True if all(mark is None for mark in marks) else bool(mark) for mark in marks])
    if not may.any():
        raise InvalidInput(f"no feature is a {candidate}", file=path)
    counted = np.flatnonzero(heads > 0)
    if len(counted) * int(may.sum()) > MOST_PAIRS:
        raise CommandError(
            f"{path}: {len(counted):,} places × {may.sum():,} candidates is beyond {MOST_PAIRS:,}"
        )
    if not len(counted):
        raise InvalidInput(f"no feature has a {weight} above zero", file=path)
    if streets is None:
        distances = apart(where[counted][:, None, :], where[may][None, :, :])
    else:
        distances = along(read_streets(streets), where[counted], where[may])
    steep = np.array(factors, dtype=float)[counted]
    return Task(
        places=tuple(ids[place] for place in counted),
        weights=heads[counted],
        candidates=tuple(np.array(ids, dtype=object)[may]),
        distances=distances * steep[:, None],
    )


def _id(feature: Feature, number: int) -> Id:
    properties = feature["properties"]
    for found in (feature.get("id"), properties.get("id"), properties.get("GRID_ID")):
        if isinstance(found, str | int):
            return found
    return number


def _mark(value: Any) -> bool | None:
    return None if value is None else value in (True, 1, "1", "true", "yes")


def _number(collection: Collection, number: int, feature: Feature, name: str) -> float | None:
    value = feature["properties"].get(name)
    if value is None or value == "":
        return None
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise collection.broken(number, f"not a number: {value!r}", f"/properties/{name}") from error
    if not 0 <= amount < np.inf:
        raise collection.broken(number, f"not a size: {value!r}", f"/properties/{name}")
    return amount
