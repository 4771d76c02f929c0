"""The cells that belong to a Territorial Intervention Unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


def cells_within(outline: BaseGeometry, cells: Sequence[BaseGeometry]) -> list[int]:
    """Return the indices of the cells whose centre the outline covers.

    By their centres, units that share a border never share a cell.
    """
    tree = shapely.STRtree(shapely.centroid(np.asarray(cells, dtype=object)))
    return sorted(int(index) for index in tree.query(outline, predicate="covers"))
