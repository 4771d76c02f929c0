"""Places and candidates from GeoJSON points or cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from solidary.files.command_line import CommandError, InvalidInput

from planning.engines.geojson import Feature, FeatureCollection, centroid
from planning.engines.siting.instance import MAX_PAIRS, Id, SitingInstance
from planning.engines.siting.sphere import haversine_metres
from planning.engines.siting.streets import read_streets, street_distances


def read(
    path: Path,
    *,
    weight: str = "weight",
    candidate: str = "candidate",
    slope: str | None = None,
    streets: Path | None = None,
) -> SitingInstance:
    """Read the siting instance of a feature collection.

    `weight` is the property with the number of people; a feature without it is only a candidate. `candidate` is the
    property that marks candidates (every feature, where none has that property). `slope` is the property with the
    factor by which a place's distances are multiplied, as in the city viewers: 1 to 2 by slope. Raises InvalidInput
    with a JSON pointer, and CommandError beyond `MAX_PAIRS` pairs.
    """
    collection = FeatureCollection(path)
    ids: list[Id] = []
    points: list[tuple[float, float]] = []
    weights, factors = [], []
    candidate_marks: list[bool | None] = []
    for number, feature in enumerate(collection):
        point = centroid(feature)
        if point is None:
            raise collection.error(number, "The geometry must be a point or an area in degrees.", "/geometry")
        points.append(point)
        ids.append(_id(feature, number))
        candidate_marks.append(_is_marked(feature["properties"].get(candidate)))
        weights.append(_number(collection, number, feature, weight))
        factors.append(1.0 if slope is None else _number(collection, number, feature, slope))
        if weights[-1] is None and not candidate_marks[-1]:
            raise collection.error(
                number, f"The feature has no {weight} and is not a candidate.", "/properties"
            )
        if factors[-1] is None:
            raise collection.error(number, f"The feature has no {slope}.", "/properties")
    if not points:
        raise InvalidInput("The file contains no features.", file=path)
    locations = np.array(points)
    people = np.array([np.nan if number is None else number for number in weights])
    none_is_marked = all(mark is None for mark in candidate_marks)
    is_candidate = np.array([none_is_marked or bool(mark) for mark in candidate_marks])
    if not is_candidate.any():
        raise InvalidInput(f"No feature is marked as a candidate by the property {candidate}.", file=path)
    populated = np.flatnonzero(people > 0)
    candidates = int(is_candidate.sum())
    if len(populated) * candidates > MAX_PAIRS:
        raise CommandError(
            f"{path}: {len(populated):,} places × {candidates:,} candidates are more than {MAX_PAIRS:,} pairs. "
            "Use larger cells or mark fewer candidates."
        )
    if not len(populated):
        raise InvalidInput(f"No feature has a {weight} above zero.", file=path)
    if streets is None:
        distances = haversine_metres(locations[populated][:, None, :], locations[is_candidate][None, :, :])
    else:
        distances = street_distances(read_streets(streets), locations[populated], locations[is_candidate])
    slope_factors = np.array(factors, dtype=float)[populated]
    return SitingInstance(
        places=tuple(ids[place] for place in populated),
        weights=people[populated],
        candidates=tuple(np.array(ids, dtype=object)[is_candidate]),
        distances=distances * slope_factors[:, None],
    )


def _id(feature: Feature, number: int) -> Id:
    properties = feature["properties"]
    for id_ in (feature.get("id"), properties.get("id"), properties.get("GRID_ID")):
        if isinstance(id_, str | int):
            return id_
    return number


def _is_marked(value: Any) -> bool | None:
    return None if value is None else value in (True, 1, "1", "true", "yes")


def _number(collection: FeatureCollection, number: int, feature: Feature, name: str) -> float | None:
    value = feature["properties"].get(name)
    if value is None or value == "":
        return None
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise collection.error(
            number, f"The value {value!r} is not a number.", f"/properties/{name}"
        ) from error
    if not 0 <= amount < np.inf:
        raise collection.error(
            number, f"The value {value!r} must be zero or above, and finite.", f"/properties/{name}"
        )
    return amount
