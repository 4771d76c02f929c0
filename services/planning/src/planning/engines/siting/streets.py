"""Distances along a street graph."""

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
from planning.engines.geojson import Collection, in_degrees
from planning.engines.siting.sphere import apart, on_the_unit_sphere

Indices = NDArray[np.intp]

# Corners closer than this (about a centimetre) are one crossing.
DECIMALS = 7
SOURCES_AT_ONCE = 64


@dataclass(frozen=True)
class Streets:
    """Crossings (longitude, latitude) and the lengths in metres of the pieces between them."""

    crossings: Floats
    ends: Indices
    lengths: Floats


def shortest_ways(vertices: int, ends: Indices, lengths: Floats, starts: Indices, goals: Indices) -> Floats:
    """(starts, goals): the shortest ways over undirected edges; infinite where there is none.

    A few starts at a time, so that only the wanted columns are ever held. Edges of no length count.
    """
    forth, back = (ends[:, 0], ends[:, 1]), (ends[:, 1], ends[:, 0])
    rows, columns = np.concatenate([forth[0], back[0]]), np.concatenate([forth[1], back[1]])
    graph = coo_array((np.tile(lengths, 2), (rows, columns)), shape=(vertices, vertices)).tocsr()
    ways = np.empty((len(starts), len(goals)))
    for first in range(0, len(starts), SOURCES_AT_ONCE):
        some = slice(first, first + SOURCES_AT_ONCE)
        ways[some] = dijkstra(graph, directed=True, indices=starts[some])[:, goals]
    return ways


def read_streets(path: Path) -> Streets:
    """Streets from GeoJSON lines that share coordinates where they meet. Raises InvalidInput."""
    places: dict[tuple[float, float], int] = {}
    shortest: dict[tuple[int, int], float] = {}
    collection = Collection(path)
    for number, feature in enumerate(collection):
        geometry = feature.get("geometry") or {}
        if not isinstance(geometry, dict):
            raise collection.broken(number, "no geometry", "/geometry")
        kind, lines = geometry.get("type"), geometry.get("coordinates") or []
        if kind not in ("LineString", "MultiLineString"):
            raise collection.broken(number, f"a street is a line, not {kind}", "/geometry/type")
        for line in _lines(lines if kind == "MultiLineString" else [lines]):
            corners = _corners(line)
            if corners is None:
                raise collection.broken(number, "no line in degrees", "/geometry/coordinates")
            names = [places.setdefault(_name(corner), len(places)) for corner in corners]
            for one, other, length in zip(names, names[1:], apart(corners[:-1], corners[1:]), strict=False):
                key = (min(one, other), max(one, other))
                shortest[key] = min(shortest.get(key, np.inf), float(length))
    if not shortest:
        raise InvalidInput("holds no streets", file=path)
    return Streets(np.array(list(places)), np.array(list(shortest)), np.array(list(shortest.values())))


def _lines(coordinates: Any) -> list[Any]:
    return coordinates if isinstance(coordinates, list) else [coordinates]


def _corners(line: Any) -> Floats | None:
    """(n, 2) longitude and latitude; None where the line is none, or not in degrees."""
    try:
        corners = np.array([corner[:2] for corner in line], dtype=float)
    except (TypeError, ValueError):
        return None
    if not len(corners):
        return corners.reshape(-1, 2)
    inside = corners.shape[1:] == (2,) and in_degrees((*corners.min(axis=0), *corners.max(axis=0)))
    return corners if inside else None


def _name(corner: Floats) -> tuple[float, float]:
    return round(float(corner[0]), DECIMALS), round(float(corner[1]), DECIMALS)


def along(streets: Streets, these: Floats, those: Floats) -> Floats:
    """(these, those) in metres: straight to the nearest crossing, along the streets, straight on."""
    tree = KDTree(on_the_unit_sphere(streets.crossings))
    start, goal = (np.asarray(tree.query(on_the_unit_sphere(side))[1]) for side in (these, those))
    ways = shortest_ways(len(streets.crossings), streets.ends, streets.lengths, goal, start).T
    before = apart(these, streets.crossings[start])
    after = apart(those, streets.crossings[goal])
    return np.asarray(before[:, None] + ways + after[None, :])
