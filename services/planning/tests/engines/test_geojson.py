"""Tests of reading and writing feature collections."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from planning.engines.geojson import FeatureCollection, write_collection
from solidary.files.command_line import InvalidInput
from solidary.language.text import fold

TEXT = some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(fold)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FEATURE = some.fixed_dictionaries(
    {
        "type": some.just("Feature"),
        "geometry": some.none(),
        "properties": some.dictionaries(TEXT, VALUES),
    }
)


@given(features=some.lists(FEATURE, max_size=4), name=TEXT, indent=some.sampled_from([None, 2]))
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
        (
            '{"features": [], "features": []}',
            "line 1, column 18",
            "«features» twice: at line 1, column 2 and",
        ),
        ('{"features": [{"id": 1, "id": 2}]}', "line 1, column 15", "«id» twice: at line 1, column 16 and"),
        ('{"features": [{"id": "\\ud83d"}]}', "/features/0/id", "lone surrogate"),
        ('{"features": [{"properties": {"a": NaN}}]}', "line 1, column 15", "NaN is not part of JSON"),
        ('{"features": [{"properties": {"a": 1e999}}]}', "line 1, column 15", "1e999 is too large"),
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
