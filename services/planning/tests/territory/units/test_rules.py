from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning.territory.units import rules
from shapely.geometry import box, mapping

CLOSED = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}, "rings are closed"),
        ({"type": "Polygon", "coordinates": []}, "rings are closed"),
        ({"type": "Polygon", "coordinates": "here"}, "rings are closed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 0], [1, 1], [0, 0]]]}, "closed"),
        ({"type": "Polygon", "coordinates": [[[0, 95], [1, 95], [1, 96], [0, 95]]]}, "outside the world"),
        (BOW_TIE, "Self-intersection"),
    ],
)
def test_a_shape_that_cannot_be_taken_in_is_told_with_its_place(geometry, why):
    _, faults = rules.read([CLOSED, geometry, CLOSED])
    assert list(faults) == [1]
    assert why in faults[1]


def test_no_shapes_are_no_faults():
    shapes, faults = rules.read([])
    assert (len(shapes), faults) == (0, {})


@given(st.integers(-170, 170), st.integers(-80, 79), st.integers(1, 9), st.integers(1, 9))
def test_units_that_share_a_border_share_no_cell_and_leave_none_out(west, south, columns, split):
    cells = [box(west + n / 10, south, west + (n + 1) / 10, south + 0.1) for n in range(columns)]
    border = west + split / 10 + 0.02
    left = rules.lying_in(box(west - 1, south - 1, border, south + 1), cells)
    right = rules.lying_in(box(border, south - 1, west + 2, south + 1), cells)
    assert sorted(left + right) == list(range(columns))


def test_geojson_comes_back_as_the_same_shape():
    shapes, faults = rules.read([mapping(box(0, 0, 1, 1))])
    assert not faults
    assert shapes[0].equals(box(0, 0, 1, 1))


def test_an_average_counts_only_the_cells_that_have_the_indicator():
    assert rules.averages([{"a": 1.0, "b": 4.0}, {"a": 3.0}, {}]) == {"a": 2.0, "b": 4.0}
