from __future__ import annotations

import pytest
from planning.territory.cities.rules import InvalidGeometry, parse_geometry
from shapely.geometry import box, mapping

BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}, "rings are closed"),
        ({"type": "Polygon", "coordinates": []}, "rings are closed"),
        ({"type": "Polygon", "coordinates": "here"}, "rings are closed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [1, 1], [0, 0]]]}, "closed"),
        ({"type": "Polygon", "coordinates": [[[0, 95], [1, 95], [1, 96], [0, 95]]]}, "outside the world"),
        (BOW_TIE, "Self-intersection"),
    ],
)
def test_an_invalid_geometry_is_refused_with_the_reason(geometry, reason):
    with pytest.raises(InvalidGeometry, match=reason):
        parse_geometry(geometry)


def test_a_geometry_of_very_many_positions_is_refused():
    zigzag = [[n / 1000, n % 2] for n in range(20_001)]
    with pytest.raises(InvalidGeometry, match="20,000 positions"):
        parse_geometry({"type": "Polygon", "coordinates": [[*zigzag, zigzag[0]]]})


def test_geojson_is_parsed_as_the_same_shape():
    assert parse_geometry(mapping(box(0, 0, 1, 1))).equals(box(0, 0, 1, 1))
