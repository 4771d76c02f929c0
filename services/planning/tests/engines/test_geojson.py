"""Tests of reading and writing feature collections."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from planning.engines.geojson import FeatureCollection, centroid, write_collection
from solidary.files.command_line import InvalidInput

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)
FEATURE = some.fixed_dictionaries(
    {
        "type": some.just("Feature"),
        "geometry": some.none(),
        "properties": some.dictionaries(some.text(), VALUES),
    }
)


@given(features=some.lists(FEATURE, max_size=4), name=some.text(), indent=some.sampled_from([None, 2]))
def test_a_collection_survives_reading_and_writing(
    tmp_path_factory: pytest.TempPathFactory, features: list[dict[str, Any]], name: str, indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("geo") / "cells.geojson"
    whole = {"type": "FeatureCollection", "features": features, "name": name}
    path.write_text(json.dumps(whole, indent=indent), encoding="utf-8")
    collection = FeatureCollection(path)
    assert list(collection) == features
    out = io.StringIO()
    write_collection(out, collection.members, collection)
    assert json.loads(out.getvalue()) == whole


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('{"type": "FeatureCollection",\n"features": [{}\n{}]}', "line 3, column 1", "A comma is required"),
        ('{"type": "FeatureCollection"\n"features": []}', "line 2, column 1", "A comma is required"),
        ('{"features": [{"properties": {}}, 7]}', "/features/1", "not a GeoJSON feature"),
        ('{"features": [{"properties": []}, {"properties": 3}]}', "/features/1", "not a GeoJSON feature"),
        ('{"type": "Topology", "features": []}', None, "not a GeoJSON FeatureCollection"),
        ('{"features": []}{"features": []}', "line 1, column 17", "more text after the end"),
        ('{"features": [], "features": []}', None, "not a GeoJSON FeatureCollection"),
        ('{"features": 7}', None, "not a GeoJSON FeatureCollection"),
        ("[]", None, "not a GeoJSON FeatureCollection"),
        ('{"features": [' + "[" * 10_000, "line 1, column 15", "nested too deeply"),
    ],
)
def test_a_broken_collection_is_reported_with_its_place(
    tmp_path: Path, text: str, place: str | None, reason: str
) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=reason) as caught:
        list(FeatureCollection(path))
    assert caught.value.place == place


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}


@pytest.mark.parametrize(
    ("geometry", "point"),
    [
        ({"type": "Point", "coordinates": [-79.5, 9]}, (-79.5, 9)),
        (SQUARE, (1, 1)),
        ({"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]}, (1, 1)),
        (None, None),
        ({"type": "Point"}, None),
        ({"type": "Point", "coordinates": []}, None),
        ({"type": "Point", "coordinates": ["a", "b"]}, None),
        ({"type": "Nowhere", "coordinates": [1, 2]}, None),
        ({"type": "Point", "coordinates": [200, 0]}, None),
    ],
)
def test_the_centroid_of_a_feature(geometry: object, point: tuple[float, float] | None) -> None:
    assert centroid({"geometry": geometry}) == point
