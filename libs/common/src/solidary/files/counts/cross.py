"""A breakdown by two things at once, with the totals of both: which inner cells must be withheld.

A withheld cell is safe where it is a corner of a rectangle of withheld cells of which two opposite corners
hold k people or more. Somebody who knows every total cannot tell the table from the one in which k people
of those two corners stand in the other two: each corner is open by k at least.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Inner = tuple[str, str]


def withhold(
    inner: Mapping[Inner, int],
    rows: Sequence[str],
    columns: Sequence[str],
    hidden_rows: Collection[str],
    hidden_columns: Collection[str],
    k: int,
    never: Collection[Inner] = (),
) -> frozenset[Inner]:
    """The inner cells to withhold, given the rows and columns whose totals are withheld already.

    The cells of those rows and columns are all withheld. As their sum can be worked out, they enter as one
    row or column, *the others*. Where no rectangle protects a cell, the whole inside is withheld: given
    totals of k or more, and two of them each way, it is then open by k everywhere.
    """
    groups_of_rows = _groups(rows, hidden_rows)
    groups_of_columns = _groups(columns, hidden_columns)
    counts = np.array(
        [
            [sum(inner[row, column] for row in group for column in other) for other in groups_of_columns]
            for group in groups_of_rows
        ],
        dtype=np.int64,
    )
    refused = set(never)
    mask = np.array(
        [
            [
                any((row, column) in refused for row in group for column in other)
                for other in groups_of_columns
            ]
            for group in groups_of_rows
        ]
    )
    mask = _protect(counts, mask | (counts < k), k)
    return frozenset(
        (row, column)
        for i, group in enumerate(groups_of_rows)
        for j, other in enumerate(groups_of_columns)
        for row in group
        for column in other
        if mask[i, j] or row in hidden_rows or column in hidden_columns
    )


def _groups(names: Sequence[str], hidden: Collection[str]) -> list[list[str]]:
    """Each name by itself, and the hidden ones together at the end."""
    others = [name for name in names if name in hidden]
    return [*([name] for name in names if name not in hidden), *([others] if others else [])]


def _protect(counts: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_], k: int) -> npt.NDArray[np.bool_]:
    """The mask, grown until every cell in it is a corner of a rectangle that is wholly in it."""
    if min(counts.shape) < 2:
        return np.zeros_like(mask)
    mask = mask.copy()
    large = counts >= k
    for i, j in np.argwhere(mask):
        fits = np.outer(large[:, j], large[i, :])
        if large[i, j]:
            fits |= large
        fits[i, :] = fits[:, j] = False
        if not fits.any():
            return np.ones_like(mask)
        price = np.where(mask, 0, counts)
        cost = np.where(fits, price + price[:, [j]] + price[[i], :], np.iinfo(np.int64).max)
        other, across = np.unravel_index(int(cost.argmin()), cost.shape)
        mask[i, across] = mask[other, j] = mask[other, across] = True
    return mask
