"""A breakdown by two dimensions with the totals of both: the inner cells that must be withheld.

A withheld cell is protected when it is a corner of a rectangle of withheld cells of which two opposite corners count k
people or more. For somebody who has every total, the table cannot be distinguished from the one in which k people of
those two corners are counted in the other two, so each corner is uncertain by at least k.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

InnerCell = tuple[str, str]
"""The row and the column of an inner cell."""


def cells_to_withhold(
    counts: Mapping[InnerCell, int],
    rows: Sequence[str],
    columns: Sequence[str],
    withheld_rows: Collection[str],
    withheld_columns: Collection[str],
    k: int,
    never: Collection[InnerCell] = (),
) -> frozenset[InnerCell]:
    """Return the inner cells to withhold, given the rows and columns whose totals are withheld already.

    All cells of those rows and columns are withheld. Because their sum can be computed, they count as one row or
    column. When no rectangle protects some cell, all inner cells are withheld: if the totals are k or more, and at
    least two in each direction, every cell is then uncertain by k.
    """
    row_groups = _groups(rows, withheld_rows)
    column_groups = _groups(columns, withheld_columns)
    group_counts = np.array(
        [
            [sum(counts[row, column] for row in some for column in others) for others in column_groups]
            for some in row_groups
        ],
        dtype=np.int64,
    )
    never_shown = set(never)
    mask = np.array(
        [
            [
                any((row, column) in never_shown for row in some for column in others)
                for others in column_groups
            ]
            for some in row_groups
        ]
    )
    mask = _protect(group_counts, mask | (group_counts < k), k)
    return frozenset(
        (row, column)
        for i, some in enumerate(row_groups)
        for j, others in enumerate(column_groups)
        for row in some
        for column in others
        if mask[i, j] or row in withheld_rows or column in withheld_columns
    )


def _groups(names: Sequence[str], withheld: Collection[str]) -> list[list[str]]:
    """Return each published name as a group of its own, and the withheld ones as one group at the end."""
    others = [name for name in names if name in withheld]
    return [*([name] for name in names if name not in withheld), *([others] if others else [])]


def _protect(counts: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_], k: int) -> npt.NDArray[np.bool_]:
    """Extend a mask until every withheld cell is a corner of a rectangle of withheld cells.

    For each cell the rectangle is chosen that withholds the fewest people in addition.
    """
    if min(counts.shape) < 2:
        return np.zeros_like(mask)
    mask = mask.copy()
    large = counts >= k
    for i, j in np.argwhere(mask):
        protects = np.outer(large[:, j], large[i, :])
        if large[i, j]:
            protects |= large
        protects[i, :] = protects[:, j] = False
        if not protects.any():
            return np.ones_like(mask)
        price = np.where(mask, 0, counts)
        cost = np.where(protects, price + price[:, [j]] + price[[i], :], np.iinfo(np.int64).max)
        row, column = np.unravel_index(int(cost.argmin()), cost.shape)
        mask[i, column] = mask[row, j] = mask[row, column] = True
    return mask
