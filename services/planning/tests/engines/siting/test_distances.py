"""Tests of distances on the sphere, along streets, and in OR-Library graphs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from planning.engines.siting import orlib, places
from planning.engines.siting.sphere import EARTH_RADIUS_METRES, haversine_metres
from planning.engines.siting.streets import read_streets, shortest_paths, street_distances
from solidary.files.command_line import CommandError, InvalidInput

QUARTER = EARTH_RADIUS_METRES * np.pi / 2


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (90, 0), QUARTER),
        ((0, 0), (0, 90), QUARTER),
        ((-79.5, 9), (100.5, -9), 2 * QUARTER),
        ((179.9, 0), (-179.9, 0), EARTH_RADIUS_METRES * np.radians(0.2)),
    ],
)
def test_great_circles(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    assert haversine_metres(np.array(one, float), np.array(other, float)) == pytest.approx(metres, abs=1e-3)


def lines(folder: Path, *streets: list[tuple[float, float]]) -> Path:
    path = folder / "streets.geojson"
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}}
        for line in streets
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_street_distances_follow_the_streets_and_are_infinite_without_a_connection(tmp_path: Path) -> None:
    streets = read_streets(lines(tmp_path, [(0, 0), (0, 0.01), (0.01, 0.01)], [(1, 1), (1, 1.01)]))
    home, goals = np.array([[0.0, 0.0]]), np.array([[0.01, 0.01], [1.0, 1.0]])
    [[corner, unreachable]] = street_distances(streets, home, goals)
    legs = haversine_metres(np.array([0, 0.0]), np.array([0, 0.01])) + haversine_metres(
        np.array([0, 0.01]), np.array([0.01, 0.01])
    )
    assert corner == pytest.approx(float(legs))
    assert unreachable == np.inf


def test_an_edge_of_length_zero_connects_its_vertices() -> None:
    edges, every = np.array([[0, 1], [1, 2]]), np.arange(3)
    assert shortest_paths(3, edges, np.array([0.0, 4.0]), every, every).tolist() == [
        [0, 0, 4],
        [0, 0, 4],
        [4, 4, 0],
    ]


def test_the_last_length_of_a_repeated_edge_counts(tmp_path: Path) -> None:
    path = tmp_path / "graph.txt"
    path.write_text("3 3 1\n1 2 9\n2 3 4\n2 1 5\n")
    task, p = orlib.read(path)
    assert p == 1
    assert task.distances.tolist() == [[0, 5, 9], [5, 0, 4], [9, 4, 0]]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", None, "is empty"),
        ("5 4\n", "line 1", "header"),
        ("2 1 1\n1 2\n", "line 2", "edge"),
        ("2 1 1\n\n1 3 4\n", "line 3", "edge"),
        ("2 1 1\n1 2 -4\n", "line 2", "edge"),
        ("2 1 1\n1 2 1_000\n", "line 2", "edge"),
        ("2 1 1\n1 2 infinity\n", "line 2", "edge"),
        ("2 1 1\n1 2 1e999\n", "line 2", "edge"),
        ("2 1 1\n1.5 2 4\n", "line 2", "edge"),
        ("2 1 1_0\n", "line 1", "header"),
        ("3 1 1\n1 2 4\n2 3 4\n", None, "announces 1 edge, but the file has 2"),
        ("3 3 1\n1 2 4\n2 3 4\n", None, "announces 3 edges, but the file has 2"),
        ("-3 0 1\n", "line 1", "header"),
        ("0 0 1\n", "line 1", "header"),
    ],
)
def test_a_broken_graph_is_reported_with_its_line(
    tmp_path: Path, text: str, place: str | None, reason: str
) -> None:
    path = tmp_path / "graph.txt"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=reason) as caught:
        orlib.read(path)
    assert caught.value.place == place


def cells(folder: Path, *properties: dict[str, object], geometry: object = "point") -> Path:
    path = folder / "cells.geojson"
    features = [
        {
            "type": "Feature",
            "id": f"c{number}",
            "properties": one,
            "geometry": {"type": "Point", "coordinates": [number / 100, 0]}
            if geometry == "point"
            else geometry,
        }
        for number, one in enumerate(properties)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_the_slope_factor_multiplies_the_distances_of_a_place(tmp_path: Path) -> None:
    path = cells(
        tmp_path,
        {"weight": 5, "factor": 1.5},
        {"weight": "2", "factor": 1},
        {"candidate": True, "factor": 1},
    )
    task = places.read(path, slope="factor")
    step = EARTH_RADIUS_METRES * np.radians(0.01)
    assert task.places == ("c0", "c1")
    assert task.candidates == ("c2",)
    assert task.weights.tolist() == [5, 2]
    assert task.distances.tolist() == [[pytest.approx(2 * 1.5 * step)], [pytest.approx(step)]]


def test_every_feature_is_a_candidate_where_none_is_marked(tmp_path: Path) -> None:
    task = places.read(cells(tmp_path, {"weight": 1}, {"weight": 0}))
    assert (task.places, task.candidates) == (("c0",), ("c0", "c1"))


METRES = {"type": "Point", "coordinates": [653000, 97000]}
BROKEN = {
    "no weight": ([{}], "point", "/features/0/properties", "has no weight"),
    "a text as weight": (
        [{"weight": 1}, {"weight": "many"}],
        "point",
        "/features/1/properties/weight",
        "not a number",
    ),
    "negative": ([{"weight": -1}], "point", "/features/0/properties/weight", "must be zero or above"),
    "no geometry": ([{"weight": 1}], None, "/features/0/geometry", "must be a geometry of GeoJSON"),
    "metres": (
        [{"weight": 1}],
        {"type": "Point", "coordinates": [653000, 97000]},
        "/features/0/geometry",
        "degrees",
    ),
    "an area half in metres": (
        [{"weight": 1}],
        {"type": "Polygon", "coordinates": [[[-300, 0], [300, 0], [0, 60], [-300, 0]]]},
        "/features/0/geometry",
        "degrees",
    ),
    "a text as geometry": ([{"weight": 1}], "abc", "/features/0/geometry", "must be a geometry of GeoJSON"),
    "no people": ([{"weight": 0}], "point", None, "above zero"),
    "no features": ([], "point", None, "no features"),
    "no candidates": (
        [{"weight": 1, "candidate": False}],
        "point",
        None,
        "No feature is marked as a candidate",
    ),
}


@pytest.mark.parametrize(("properties", "geometry", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken_places_are_reported_with_their_pointer(
    tmp_path: Path, properties: list[dict[str, object]], geometry: object, place: str | None, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        places.read(cells(tmp_path, *properties, geometry=geometry))
    assert caught.value.place == place


def test_too_many_pairs_are_rejected_before_computing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_PAIRS", 3)
    with pytest.raises(CommandError, match="more than 3 pairs"):
        places.read(cells(tmp_path, {"weight": 1}, {"weight": 1}))


def test_a_graph_that_is_too_large_is_rejected_before_computing(tmp_path: Path) -> None:
    path = tmp_path / "graph.txt"
    path.write_text("60000 1 5\n1 2 3\n")
    with pytest.raises(CommandError, match="60,000 vertices"):
        orlib.read(path)


@pytest.mark.parametrize(
    ("geometry", "place"),
    [
        ("abc", "/geometry"),
        ({"type": "Point", "coordinates": [0, 0]}, "/geometry/type"),
        (
            {"type": "LineString", "coordinates": [[653000, 970000], [653010, 970000]]},
            "/geometry/coordinates",
        ),
        ({"type": "LineString", "coordinates": [[0, 0], [0, 91]]}, "/geometry/coordinates"),
        ({"type": "LineString", "coordinates": "abc"}, "/geometry/coordinates"),
        ({"type": "LineString", "coordinates": [[0], [1]]}, "/geometry/coordinates"),
        ({"type": "MultiLineString", "coordinates": 5}, "/geometry/coordinates"),
    ],
)
def test_a_street_that_is_not_in_degrees_is_reported_with_its_pointer(
    tmp_path: Path, geometry: object, place: str
) -> None:
    path = tmp_path / "streets.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InvalidInput) as caught:
        read_streets(path)
    assert caught.value.place == f"/features/0{place}"
