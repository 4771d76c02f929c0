"""Distances along a street network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree
from solidary.files.command_line import InvalidInput

from planning.engines.arrays import Floats
from planning.engines.geojson import FeatureCollection, is_in_degrees
from planning.engines.siting.sphere import haversine_metres, to_unit_sphere

Indices = NDArray[np.intp]

# Points that round to the same degrees at this precision (about a centimetre) are one junction.
DECIMALS = 7
SOURCES_AT_ONCE = 64


@dataclass(frozen=True)
class StreetNetwork:
    """Junctions (longitude, latitude), and the segments between them with their lengths in metres."""

    junctions: Floats
    segments: Indices
    lengths: Floats


def shortest_paths(
    vertices: int, edges: Indices, lengths: Floats, sources: Indices, targets: Indices
) -> Floats:
    """Return the lengths (sources, targets) of the shortest paths over undirected edges, infinite without a path.

    A few sources are computed at a time, so that only the columns of the targets are kept. Edges of length zero count.
    """
    rows, columns = np.concatenate([edges[:, 0], edges[:, 1]]), np.concatenate([edges[:, 1], edges[:, 0]])
    graph = coo_array((np.tile(lengths, 2), (rows, columns)), shape=(vertices, vertices)).tocsr()
    paths = np.empty((len(sources), len(targets)))
    for first in range(0, len(sources), SOURCES_AT_ONCE):
        batch = slice(first, first + SOURCES_AT_ONCE)
        paths[batch] = dijkstra(graph, directed=True, indices=sources[batch])[:, targets]
    return paths


def read_streets(path: Path) -> StreetNetwork:
    """Read a street network from GeoJSON lines that share coordinates where they meet. Raises InvalidInput."""
    index_of: dict[tuple[float, float], int] = {}
    shortest: dict[tuple[int, int], float] = {}
    collection = FeatureCollection(path)
    for number, feature in enumerate(collection):
        geometry = feature.get("geometry") or {}
        if not isinstance(geometry, dict):
            raise collection.error(number, "The feature has no geometry.", "/geometry")
        kind, lines = geometry.get("type"), geometry.get("coordinates") or []
        if kind not in ("LineString", "MultiLineString"):
            raise collection.error(
                number, f"A street must be a LineString or MultiLineString, not {kind}.", "/geometry/type"
            )
        for line in _lines(lines if kind == "MultiLineString" else [lines]):
            points = _points(line)
            if points is None:
                raise collection.error(
                    number,
                    "The coordinates must be a line in longitude and latitude, in degrees.",
                    "/geometry/coordinates",
                )
            junctions = [index_of.setdefault(_rounded(point), len(index_of)) for point in points]
            lengths = haversine_metres(points[:-1], points[1:])
            for start, end, length in zip(junctions, junctions[1:], lengths, strict=False):
                key = (min(start, end), max(start, end))
                shortest[key] = min(shortest.get(key, np.inf), float(length))
    if not shortest:
        raise InvalidInput("The file contains no streets.", file=path)
    return StreetNetwork(
        np.array(list(index_of)), np.array(list(shortest)), np.array(list(shortest.values()))
    )


def _lines(coordinates: Any) -> list[Any]:
    return coordinates if isinstance(coordinates, list) else [coordinates]


def _points(line: Any) -> Floats | None:
    """Return (n, 2) longitude and latitude, or None for anything but a line in degrees."""
    try:
        points = np.array([point[:2] for point in line], dtype=float)
    except (TypeError, ValueError):
        return None
    if not len(points):
        return points.reshape(-1, 2)
    is_valid = points.shape[1:] == (2,) and is_in_degrees((*points.min(axis=0), *points.max(axis=0)))
    return points if is_valid else None


def _rounded(point: Floats) -> tuple[float, float]:
    return round(float(point[0]), DECIMALS), round(float(point[1]), DECIMALS)


def street_distances(streets: StreetNetwork, origins: Floats, destinations: Floats) -> Floats:
    """Return (origins, destinations) in metres: straight to the nearest junction, along the streets, straight on."""
    tree = KDTree(to_unit_sphere(streets.junctions))
    start, end = (np.asarray(tree.query(to_unit_sphere(points))[1]) for points in (origins, destinations))
    paths = shortest_paths(len(streets.junctions), streets.segments, streets.lengths, end, start).T
    before = haversine_metres(origins, streets.junctions[start])
    after = haversine_metres(destinations, streets.junctions[end])
    return np.asarray(before[:, None] + paths + after[None, :])
