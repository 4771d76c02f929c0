from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from planning.territory.tius.rules import cells_within
from shapely.geometry import box


@given(st.integers(-170, 170), st.integers(-80, 79), st.integers(1, 9), st.integers(1, 9))
def test_units_that_share_a_border_divide_the_cells_between_them(west, south, columns, split):
    cells = [box(west + n / 10, south, west + (n + 1) / 10, south + 0.1) for n in range(columns)]
    border = west + split / 10 + 0.02
    left = cells_within(box(west - 1, south - 1, border, south + 1), cells)
    right = cells_within(box(border, south - 1, west + 2, south + 1), cells)
    assert sorted(left + right) == list(range(columns))
