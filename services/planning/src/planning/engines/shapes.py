"""Shapes in longitude and latitude (WGS 84), and the faults of those that cannot be used: one rule for every reader."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from solidary.language.country import countries, load_pack

WORLD_BOUNDS = (-180.0, -90.0, 180.0, 90.0)
MAX_POSITIONS = 20_000
"""The most positions of one shape; a district's boundary at a scale of 1 : 50,000 has 5,000."""
HALF_TURN = 180.0
"""No step within one ring spans more degrees of longitude, unless it crosses the antimeridian."""

Bounds = tuple[float, float, float, float]
"""West, south, east and north."""


class InvalidGeometry(ValueError):
    """A geometry that cannot be used. The message is a sentence."""


def parse_geometry(geometry: Mapping[str, Any]) -> BaseGeometry:
    """Parse a GeoJSON geometry. Raises InvalidGeometry.

    Valid are shapes that are valid by OGC Simple Features, within the world, and cut at the antimeridian (RFC 7946).
    """
    shape = shapely.from_geojson(json.dumps(geometry), on_invalid="ignore")
    if shape is None or shape.is_empty:
        raise InvalidGeometry("This must be a geometry of GeoJSON with positions, whose rings are closed.")
    if shapely.get_num_coordinates(shape) > MAX_POSITIONS:
        raise InvalidGeometry(f"The geometry has more than {MAX_POSITIONS:,} positions. Simplify it.")
    if not _contains(WORLD_BOUNDS, shape.bounds):
        raise InvalidGeometry(
            "The coordinates are outside the world. Give longitude first, then latitude, in degrees."
        )
    if not shape.is_valid:
        raise InvalidGeometry(f"The geometry is not valid: {shapely.is_valid_reason(shape)}.")
    if _width(shape) > HALF_TURN and _crosses_antimeridian(shape):
        raise InvalidGeometry(
            "The shape crosses the antimeridian. Cut it there into parts, at 180 and at -180 degrees (RFC 7946, 3.1.9)."
        )
    return shape


def usable_shapes(geometries: Sequence[str], codes: Sequence[str]) -> list[BaseGeometry | None]:
    """Parse GeoJSON geometries that are in the countries of these codes, all at once.

    None stands for each that may have a fault: `parse_geometry` and `require_in_country` find it.
    """
    shapes = shapely.from_geojson(geometries, on_invalid="ignore")
    bounds = shapely.bounds(shapes)  # of none and of an empty one: not a number, which is within nothing
    within = np.array([pack_bounds(code) for code in codes]).reshape(-1, 4)
    is_usable = (
        (bounds[:, :2] >= within[:, :2]).all(axis=1)
        & (bounds[:, 2:] <= within[:, 2:]).all(axis=1)
        & (bounds[:, 2] - bounds[:, 0] <= HALF_TURN)
        & (shapely.get_num_coordinates(shapes) <= MAX_POSITIONS)
        & shapely.is_valid(shapes)
    )
    return [shape if usable else None for shape, usable in zip(shapes, is_usable, strict=True)]


@cache
def pack_bounds(code: str) -> Bounds:
    """Return the bounds of a country, or of the world where there is no pack of it."""
    return load_pack(code).bounds if code in countries() else WORLD_BOUNDS


def require_in_country(shape: BaseGeometry, code: str) -> None:
    """Raise InvalidGeometry where a shape is not in a country of which there is a pack."""
    if code not in countries():
        return
    pack = load_pack(code)
    if not _contains(pack.bounds, shape.bounds):
        west, south, east, north = shape.bounds
        hint = (
            " Longitude and latitude are exchanged: give longitude first."
            if _contains(pack.bounds, (south, west, north, east))
            else " Check the coordinates: longitude comes first, then latitude, in degrees."
        )
        raise InvalidGeometry(f"The shape is outside {pack.name.en}.{hint}")


def point_in(shape: BaseGeometry) -> tuple[float, float]:
    """Return longitude and latitude of a shape's centroid, or of a point within it where the centroid is outside."""
    if _width(shape) > HALF_TURN >= max(map(_width, shapely.get_parts(shape))):
        # Its parts lie on both sides of the antimeridian: those of the west are moved behind those of the east.
        shape = shapely.transform(shape, lambda xy: np.where(xy < [0, -np.inf], np.add(xy, [360, 0]), xy))
    point = shape.centroid
    if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.covers(point):
        point = shape.representative_point()
    longitude = float(point.x)
    return longitude - 360 if longitude > HALF_TURN else longitude, float(point.y)


def _contains(outer: Bounds, inner: Bounds) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _width(shape: BaseGeometry) -> float:
    west, _, east, _ = shape.bounds
    return float(east - west)


def _crosses_antimeridian(shape: BaseGeometry) -> bool:
    lines = [shape]
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        lines = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return any(
        len(xy) > 1 and np.abs(np.diff(xy[:, 0])).max() > HALF_TURN
        for xy in map(shapely.get_coordinates, lines)
    )
