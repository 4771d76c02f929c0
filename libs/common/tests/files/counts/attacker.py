"""An attacker who has every published figure, and the views and people of the tests of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import highspy
import numpy as np
from solidary.files.counts import CellKey, CountTable, View

Domains = Mapping[str, Sequence[str]]
DOMAINS: Domains = {
    "area": ("north", "south", "east", "west"),
    "group": ("refugee", "migrant", "host"),
    "sex": ("f", "m"),
    "band": ("child", "adult", "old"),
}


def _dimensions(view: View) -> list[str]:
    return [name for by in view for name in ((by,) if isinstance(by, str) else (by.rows, by.columns))]


def figures_of(views: Sequence[View], domains: Domains = DOMAINS) -> set[CellKey]:
    """Return every figure that the views can have."""
    found: set[CellKey] = {()}
    for view in views:
        keys: list[CellKey] = [()]
        for by in view:
            if isinstance(by, str):
                keys = [(*key, (by, value)) for key in keys for value in domains[by]]
            else:
                for name in (by.rows, by.columns):
                    found |= {(*key, (name, value)) for key in keys for value in domains[name]}
                keys = [
                    (*key, (by.rows, row), (by.columns, column))
                    for key in keys
                    for row, column in product(domains[by.rows], domains[by.columns])
                ]
            found |= set(keys)
    return found


class Attacker:
    """An attacker who has every published figure, and computes with HiGHS the bounds of any other figure.

    The unknowns are the numbers of people of each kind (area × group × sex × band), the finest combination of the
    dimensions.
    """

    def __init__(
        self,
        table: CountTable,
        views: Sequence[View],
        *,
        whole_people: bool = False,
        domains: Domains = DOMAINS,
    ):
        names = sorted({name for view in views for name in _dimensions(view)})
        self._kinds = [dict(zip(names, kind, strict=True)) for kind in product(*(domains[n] for n in names))]
        self._solver = highspy.Highs()
        self._solver.silent()
        for _ in self._kinds:
            self._solver.addVar(0, 1000)
        if whole_people:
            for column in range(len(self._kinds)):
                self._solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
        self.add_figures(table, domains)

    def add_figures(self, table: CountTable, domains: Domains) -> None:
        """Add the published figures of a table as facts about the people within its domains."""
        possible = np.array(
            [all(value in domains[name] for name, value in kind.items()) for kind in self._kinds]
        )
        for key, count in table.published.items():
            inside = np.flatnonzero(self._inside(key) * possible).astype(np.int32)
            self._solver.addRow(count, count, len(inside), inside, np.ones(len(inside)))

    def interval(self, key: CellKey) -> float:
        """Return the width of the interval of possible values of a figure."""
        cost = self._inside(key)
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self._solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
            self._solver.changeObjectiveSense(sense)
            self._solver.run()
            assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(self._solver.getObjectiveValue())
        return ends[1] - ends[0]

    def _inside(self, key: CellKey) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([float(all(kind[name] == value for name, value in key)) for kind in self._kinds])


def people_by_area(parts: Mapping[str, int]) -> list[dict[str, str]]:
    """Return people of which only the area is known, by the number of each area."""
    return [{"area": area} for area, count in parts.items() for _ in range(count)]
