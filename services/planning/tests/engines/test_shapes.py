from __future__ import annotations

import json

import pytest
from planning.engines.shapes import (
    InvalidGeometry,
    parse_geometry,
    point_in,
    require_in_country,
    usable_shapes,
)
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping

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
        (mapping(box(-179.9, -17, 179.9, -16)), "Cut it there"),
        ({"type": "LineString", "coordinates": [[179.9, 0], [-179.9, 0]]}, "Cut it there"),
        ({"type": "Point"}, "with positions"),
        ({"type": "Point", "coordinates": []}, "with positions"),
        ({"type": "Point", "coordinates": ["a", "b"]}, "with positions"),
        ({"type": "Nowhere", "coordinates": [1, 2]}, "with positions"),
        ({"type": "Point", "coordinates": [200, 0]}, "outside the world"),
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


FIJI = MultiPolygon([box(179, -17, 180, -16), box(-180, -17, -179, -16)])
HORSESHOE = Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])


@pytest.mark.parametrize(
    ("shape", "point"),
    [
        (Point(-79.5, 9), (-79.5, 9)),
        (box(0, 0, 2, 2), (1, 1)),
        (FIJI, (180, -16.5)),
        (MultiPolygon([box(177, -17, 180, -16), box(-180, -17, -179, -16)]), (179, -16.5)),
        (MultiPolygon([box(179, -17, 180, -16), box(-180, -17, -177, -16)]), (-179, -16.5)),
    ],
)
def test_a_shape_is_placed_at_its_centroid(shape, point):
    assert point_in(shape) == pytest.approx(point)


def test_a_shape_around_its_centroid_is_placed_within_itself():
    assert not HORSESHOE.covers(HORSESHOE.centroid)
    assert HORSESHOE.covers(Point(point_in(HORSESHOE)))


@pytest.mark.parametrize(
    ("shape", "code", "reason"),
    [
        (box(8.8, -79.8, 8.9, -79.7), "PA", "exchanged: give longitude first"),
        (box(-70.1, 5, -70, 5.1), "PA", "outside Panama. Check the coordinates"),
    ],
)
def test_a_shape_outside_its_country_is_refused(shape, code, reason):
    with pytest.raises(InvalidGeometry, match=reason):
        require_in_country(shape, code)


def test_a_shape_in_its_country_and_in_one_without_a_pack_is_taken():
    require_in_country(box(-79.8, 8.8, -79.7, 8.9), "PA")
    require_in_country(box(8.8, -79.8, 8.9, -79.7), "ZZ")


PANAMA = mapping(box(-79.9, 8.8, -79.8, 8.9))
MANY = [[n / 10**6 - 79.9, 8 + n % 2] for n in range(20_001)]


@pytest.mark.parametrize(
    ("geometry", "is_usable"),
    [
        (PANAMA, True),
        (mapping(MultiPolygon([box(-79.9, 8.8, -79.8, 8.9), box(-79.7, 8.8, -79.6, 8.9)])), True),
        (mapping(box(8.8, -79.9, 8.9, -79.8)), False),
        (mapping(box(-179.9, 8, 179.9, 9)), False),
        (BOW_TIE, False),
        ({"type": "Polygon", "coordinates": []}, False),
        ({"type": "Polygon", "coordinates": "here"}, False),
        ({"type": "Polygon", "coordinates": [[[-79.9, 8], [-79.8, 8], [-79.8, 9]]]}, False),
        ({"type": "Polygon", "coordinates": [[*MANY, MANY[0]]]}, False),
    ],
)
def test_shapes_parsed_together_are_those_in_which_nothing_is_found_alone(geometry, is_usable):
    first, shape, last = usable_shapes([json.dumps(each) for each in (PANAMA, geometry, PANAMA)], ["PA"] * 3)
    assert first == last == parse_geometry(PANAMA)
    assert (shape is not None) == is_usable
    if shape is None:
        with pytest.raises(InvalidGeometry):
            require_in_country(parse_geometry(geometry), "PA")
    else:
        assert shape == parse_geometry(geometry)


def test_no_shapes_are_parsed_together():
    assert usable_shapes([], []) == []
