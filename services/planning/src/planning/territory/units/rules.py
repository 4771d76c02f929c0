"""Which shapes can be taken in, and which cells lie within an outline. Longitude and latitude (WGS 84)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]
WORLD = (-180.0, -90.0, 180.0, 90.0)


def read(geometries: Sequence[Mapping[str, Any]]) -> tuple[Shapes, dict[int, str]]:
    """GeoJSON geometries as shapes, all at once, and for each one that cannot be taken in the reason.

    Taken in are Polygon and MultiPolygon, valid by OGC Simple Features, within the world (RFC 7946).
    """
    texts = [json.dumps(geometry) for geometry in geometries]
    shapes: Shapes = np.atleast_1d(shapely.from_geojson(texts, on_invalid="ignore"))
    faults: dict[int, str] = {}
    for index in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        faults[int(index)] = "is not a Polygon or MultiPolygon whose rings are closed"
    west, south, east, north = shapely.bounds(shapes).T
    outside = (west < WORLD[0]) | (south < WORLD[1]) | (east > WORLD[2]) | (north > WORLD[3])
    for index in np.flatnonzero(outside):
        faults[int(index)] = "lies outside the world: longitude comes first, then latitude, in degrees"
    for index in np.flatnonzero(~shapely.is_valid(shapes)):
        faults.setdefault(int(index), str(shapely.is_valid_reason(shapes[index])))
    return shapes, faults


def lying_in(outline: BaseGeometry, cells: Sequence[BaseGeometry]) -> list[int]:
    """The indices of the cells whose centre the outline covers.

    By centres, because then units that share a border never share a cell.
    """
    tree = shapely.STRtree(shapely.centroid(np.asarray(cells, dtype=object)))
    return sorted(int(index) for index in tree.query(outline, predicate="covers"))


def averages(indicators: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each indicator's plain mean over the cells that have it."""
    codes = sorted({code for cell in indicators for code in cell})
    return {code: fmean(cell[code] for cell in indicators if code in cell) for code in codes}
