"""Geometries in longitude and latitude (WGS 84), and the faults of those that cannot be imported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
WORLD_BOUNDS = (-180.0, -90.0, 180.0, 90.0)


def parse_geometries(geometries: Sequence[Mapping[str, Any]]) -> tuple[Shapes, dict[int, str]]:
    """Parse GeoJSON geometries; return the shapes, and the fault of each invalid one by its index.

    Valid are Polygon and MultiPolygon that are valid by OGC Simple Features and within the world (RFC 7946).
    """
    texts = [json.dumps(geometry) for geometry in geometries]
    shapes: Shapes = np.atleast_1d(shapely.from_geojson(texts, on_invalid="ignore"))
    faults: dict[int, str] = {}
    for index in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        faults[int(index)] = "This must be a Polygon or MultiPolygon whose rings are closed."
    west, south, east, north = shapely.bounds(shapes).T
    is_outside = (
        (west < WORLD_BOUNDS[0])
        | (south < WORLD_BOUNDS[1])
        | (east > WORLD_BOUNDS[2])
        | (north > WORLD_BOUNDS[3])
    )
    for index in np.flatnonzero(is_outside):
        faults[int(index)] = (
            "The coordinates are outside the world. Give longitude first, then latitude, in degrees."
        )
    for index in np.flatnonzero(~shapely.is_valid(shapes)):
        reason = str(shapely.is_valid_reason(shapes[index]))
        faults.setdefault(int(index), f"The geometry is not valid: {reason}.")
    return shapes, faults
