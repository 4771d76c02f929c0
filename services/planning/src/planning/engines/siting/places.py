"""Places and candidates from GeoJSON points or cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.coded import parse_truth
from solidary.language.numbers import DecimalMark

from planning.engines.geojson import Feature, FeatureCollection
from planning.engines.shapes import InvalidGeometry, parse_geometry, point_in, require_in_country
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
    country: str = "",
    decimal: DecimalMark | None = None,
) -> SitingInstance:
    """Read the siting instance of a feature collection.

    `weight` is the property with the number of people; a feature without it is only a candidate. `candidate` is the
    property that marks candidates (every feature, where none has that property). `slope` is the property with the
    factor by which a place's distances are multiplied, as in the city viewers: 1 to 2 by slope. `country` is the code
    of the country in which all features must be. Raises InvalidInput with a JSON pointer, and CommandError beyond
    `MAX_PAIRS` pairs.
    """
    collection = FeatureCollection(path)
    ids: list[Id] = []
    places: dict[Id, int] = {}
    points: list[tuple[float, float]] = []
    weights, factors = [], []
    candidate_marks: list[bool | None] = []
    for number, feature in enumerate(collection):
        try:
            shape = parse_geometry(feature.get("geometry") or {})
            require_in_country(shape, country)
        except InvalidGeometry as error:
            raise collection.error(number, str(error), "/geometry") from None
        points.append(point_in(shape))
        ids.append(_id(feature, number))
        if (first := places.setdefault(ids[-1], number)) != number:
            raise collection.error(
                number, f"The feature at /features/{first} has the same id {ids[-1]!r}.", "/id"
            )
        candidate_marks.append(_is_marked(collection, number, feature, candidate))
        weights.append(_number(collection, number, feature, weight, decimal))
        factors.append(1.0 if slope is None else _number(collection, number, feature, slope, decimal))
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
        if isinstance(id_, str | int) and not isinstance(id_, bool):
            return id_
    return number


def _is_marked(collection: FeatureCollection, number: int, feature: Feature, name: str) -> bool | None:
    value = feature["properties"].get(name)
    if value is None or isinstance(value, bool):
        return value
    try:
        return parse_truth(str(value)) if str(value).strip() else None
    except ValueError as error:
        raise collection.error(number, str(error), f"/properties/{name}") from error


def _number(
    collection: FeatureCollection, number: int, feature: Feature, name: str, decimal: DecimalMark | None
) -> float | None:
    amount = collection.number(number, feature, name, decimal)
    if amount is not None and amount < 0:
        written = feature["properties"][name]
        raise collection.error(number, f"The value {written!r} must be zero or above.", f"/properties/{name}")
    return amount
