from __future__ import annotations

import pytest
from planning.territory.cities.rules import parse_geometries
from shapely.geometry import box, mapping

CLOSED = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
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
def test_an_invalid_geometry_is_reported_by_its_index(geometry, reason):
    _, faults = parse_geometries([CLOSED, geometry, CLOSED])
    assert list(faults) == [1]
    assert reason in faults[1]


def test_an_empty_list_has_no_faults():
    shapes, faults = parse_geometries([])
    assert (len(shapes), faults) == (0, {})


def test_geojson_is_parsed_as_the_same_shape():
    shapes, faults = parse_geometries([mapping(box(0, 0, 1, 1))])
    assert not faults
    assert shapes[0].equals(box(0, 0, 1, 1))
