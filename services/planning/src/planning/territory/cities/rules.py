"""Geometries in longitude and latitude (WGS 84), and the faults of those that cannot be imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

WORLD_BOUNDS = (-180.0, -90.0, 180.0, 90.0)
MAX_POSITIONS = 20_000
"""The most positions of one shape; a district's boundary at a scale of 1 : 50,000 has 5,000."""


class InvalidGeometry(ValueError):
    """A geometry that cannot be imported. The message is a sentence."""


def parse_geometry(geometry: Mapping[str, Any]) -> BaseGeometry:
    """Parse a GeoJSON geometry. Raises InvalidGeometry.

    Valid are Polygon and MultiPolygon that are valid by OGC Simple Features and within the world (RFC 7946).
    """
    shape = shapely.from_geojson(json.dumps(geometry), on_invalid="ignore")
    if shape is None or shape.is_empty:
        raise InvalidGeometry("This must be a Polygon or MultiPolygon whose rings are closed.")
    if shapely.get_num_coordinates(shape) > MAX_POSITIONS:
        raise InvalidGeometry(f"The geometry has more than {MAX_POSITIONS:,} positions. Simplify it.")
    west, south, east, north = shape.bounds
    first_x, first_y, last_x, last_y = WORLD_BOUNDS
    if west < first_x or south < first_y or east > last_x or north > last_y:
        raise InvalidGeometry(
            "The coordinates are outside the world. Give longitude first, then latitude, in degrees."
        )
    if not shape.is_valid:
        raise InvalidGeometry(f"The geometry is not valid: {shapely.is_valid_reason(shape)}.")
    return shape
