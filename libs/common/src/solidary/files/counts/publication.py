"""The table of counts that may be published, computed from one row per person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

from solidary.files.counts.breakdown import parts_to_withhold
from solidary.files.counts.cross_tabulation import cells_to_withhold

DEFAULT_K = 10
"""The least number of people in a published figure, unless a country requires more."""

MAX_SHARE = 0.9
"""The largest share of a population that a published figure may be.

A figure above it would disclose something about nearly everybody in that population.
"""

CellKey = tuple[tuple[str, str], ...]
"""The people that a figure counts: (("area", "Barrio Balboa"), ("group", "refugee")); () is everybody."""

PersonRow = Mapping[str, str]


@dataclass(frozen=True)
class CrossTabulation:
    """Two dimensions with the totals of both, and no order between them."""

    rows: str
    columns: str


View = Sequence[str | CrossTabulation]
"""Dimensions from coarse to fine: ("area", "group") gives the total, each area, and each group of an area.

The last one may be a CrossTabulation.
"""


@dataclass(frozen=True)
class CountTable:
    """The published and the withheld figures of some views.

    `withheld` has the true counts, which later tables need; it never leaves its service. Figures within a withheld
    figure are withheld too, and not listed.
    """

    k: int
    published: Mapping[CellKey, int]
    withheld: Mapping[CellKey, int]


class InvalidViews(ValueError):
    """The views give one figure in two ways, or a row has a value outside its dimension's domain."""


def build_count_table(
    rows: Iterable[PersonRow],
    views: Sequence[View],
    domains: Mapping[str, Sequence[str]],
    *,
    k: int = DEFAULT_K,
    population: Iterable[PersonRow] | None = None,
    max_share: float = MAX_SHARE,
    previous: Sequence[CountTable] = (),
) -> CountTable:
    """Compute the figures of some views of the same people, and withhold those that would disclose somebody.

    `rows` has one row per person. `domains` has every value that a dimension can take, so that an absent value is
    withheld like a small one. Needs, of which one person may have several, are published as one table per need. With
    `population` (one row for each person of the population from which the rows come), a figure that is more than
    `max_share` of its population is withheld as well. `previous` has all tables of the same views that were published
    before, in that order; values that occur only in them are added to the domains.

    Nobody who has every published figure can narrow a withheld one, or a sum of such, to an interval of less than k.
    docs/using/counts.md has the reasons, and the extent to which this holds for all tables together. The result is
    deterministic. Raises InvalidViews.
    """
    domains = _with_values_of(previous, domains)
    tree = _view_tree(views, domains)
    counts = _count(rows, tree, domains)
    population_counts = _count(population, tree, domains) if population is not None else None
    total = counts.get((), 0)
    if total < k:
        return CountTable(k, {}, {(): total})
    builder = _TableBuilder(counts, population_counts, domains, k, max_share, previous)
    builder.published[()] = total
    builder.break_down((), tree)
    return CountTable(k, builder.published, builder.withheld)


def _with_values_of(
    previous: Sequence[CountTable], domains: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the domains, with the values that only earlier tables have at the end."""
    known = {dimension: dict.fromkeys(values) for dimension, values in domains.items()}
    for table in previous:
        for dimension, value in chain.from_iterable((*table.published, *table.withheld)):
            if dimension not in known:
                raise InvalidViews(f"An earlier table has the dimension {dimension}, which this one lacks.")
            known[dimension].setdefault(value)
    return {dimension: list(values) for dimension, values in known.items()}


@dataclass(frozen=True)
class _Level:
    """A dimension, or two in a cross-tabulation, that breaks a figure down; and the levels below it."""

    by: str | CrossTabulation
    below: dict[str | CrossTabulation, _Level] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else (self.by.rows, self.by.columns)


_Tree = dict[str | CrossTabulation, _Level]


def _view_tree(views: Sequence[View], domains: Mapping[str, Sequence[str]]) -> _Tree:
    """Merge the views into one tree in which each dimension occurs once, so that no total exists in two ways."""
    tree: _Tree = {}
    paths: dict[str, tuple[str | CrossTabulation, ...]] = {}
    for view in views:
        levels, path = tree, tuple(view)
        for depth, by in enumerate(path):
            if isinstance(by, CrossTabulation) and depth < len(path) - 1:
                raise InvalidViews(f"A cross-tabulation must be the last part of its view: {path}.")
            level = levels.setdefault(by, _Level(by))
            for dimension in level.dimensions:
                if dimension not in domains:
                    raise InvalidViews(f"The dimension {dimension} has no domain.")
                if paths.setdefault(dimension, path[: depth + 1]) != path[: depth + 1]:
                    raise InvalidViews(
                        f"The dimension {dimension} occurs in two places. Use a cross-tabulation instead."
                    )
            levels = level.below
    return tree


def _cells_with(row: PersonRow, tree: _Tree, key: CellKey = ()) -> Iterator[CellKey]:
    """Yield every figure that counts a row's person."""
    for level in tree.values():
        pairs = tuple((dimension, row[dimension]) for dimension in level.dimensions)
        if len(pairs) == 2:
            yield from ((*key, pair) for pair in pairs)
        inner = key + pairs
        yield inner
        yield from _cells_with(row, level.below, inner)


def _count(rows: Iterable[PersonRow], tree: _Tree, domains: Mapping[str, Sequence[str]]) -> Counter[CellKey]:
    known = {dimension: frozenset(values) for dimension, values in domains.items()}
    dimensions = sorted({name for level in _levels(tree) for name in level.dimensions})
    counts: Counter[CellKey] = Counter()
    combinations = Counter(tuple(row[name] for name in dimensions) for row in rows)
    for values, count in combinations.items():
        row = dict(zip(dimensions, values, strict=True))
        if unknown := [name for name, value in row.items() if value not in known[name]]:
            raise InvalidViews(f"The dimension {unknown[0]} has no value {row[unknown[0]]!r}.")
        counts[()] += count
        for key in _cells_with(row, tree):
            counts[key] += count
    return counts


def _levels(tree: _Tree) -> Iterator[_Level]:
    for level in tree.values():
        yield level
        yield from _levels(level.below)


class _TableBuilder:
    """Breaks published figures down, level by level, and decides for each part whether it is published."""

    def __init__(
        self,
        counts: Mapping[CellKey, int],
        population_counts: Mapping[CellKey, int] | None,
        domains: Mapping[str, Sequence[str]],
        k: int,
        max_share: float,
        previous: Sequence[CountTable],
    ):
        self._counts, self._population_counts, self._domains = counts, population_counts, domains
        self._k, self._max_share, self._previous = k, max_share, previous
        self._once_withheld = frozenset(chain.from_iterable(table.withheld for table in previous))
        self.published: dict[CellKey, int] = {}
        self.withheld: dict[CellKey, int] = {}

    def break_down(self, key: CellKey, tree: _Tree) -> None:
        """Break a published figure down by each of the tree's levels."""
        for level in tree.values():
            if isinstance(level.by, str):
                for part in self._by_one_dimension(key, level.by):
                    self.break_down(part, level.below)
            else:
                self._by_two_dimensions(key, level.by)

    def _by_one_dimension(self, key: CellKey, dimension: str, *, may_release: bool = True) -> list[CellKey]:
        """Break a figure down and return its published parts.

        Without `may_release`, parts that an earlier table withheld stay withheld.
        """
        parts = {value: (*key, (dimension, value)) for value in self._domains[dimension]}
        counts = {value: self._counts.get(part, 0) for value, part in parts.items()}
        never = {
            value
            for value, part in parts.items()
            if self._exceeds_max_share(part) or (part in self._once_withheld and not may_release)
        }
        withheld = parts_to_withhold(counts, self._k, never, self._withheld_earlier(key, parts))
        return [part for value, part in parts.items() if self._record(part, withhold=value in withheld)]

    def _by_two_dimensions(self, key: CellKey, by: CrossTabulation) -> None:
        shown = {
            dimension: {part[-1][1] for part in self._by_one_dimension(key, dimension, may_release=False)}
            for dimension in (by.rows, by.columns)
        }
        rows, columns = self._domains[by.rows], self._domains[by.columns]
        keys = {
            (row, column): (*key, (by.rows, row), (by.columns, column))
            for row, column in product(rows, columns)
        }
        withheld = cells_to_withhold(
            {cell: self._counts.get(cell_key, 0) for cell, cell_key in keys.items()},
            rows,
            columns,
            set(rows) - shown[by.rows],
            set(columns) - shown[by.columns],
            self._k,
            [
                cell
                for cell, cell_key in keys.items()
                if self._exceeds_max_share(cell_key) or cell_key in self._once_withheld
            ],
        )
        for cell, cell_key in keys.items():
            self._record(cell_key, withhold=cell in withheld)

    def _record(self, key: CellKey, *, withhold: bool) -> bool:
        """Record a figure as withheld or published. Return whether it is published."""
        (self.withheld if withhold else self.published)[key] = self._counts.get(key, 0)
        return not withhold

    def _exceeds_max_share(self, key: CellKey) -> bool:
        if self._population_counts is None:
            return False
        return self._counts.get(key, 0) > self._max_share * self._population_counts.get(key, 0)

    def _withheld_earlier(self, key: CellKey, parts: Mapping[str, CellKey]) -> list[dict[str, int]]:
        """Return, for each table that broke this figure down, the withheld parts that none has shown since."""
        found: list[dict[str, int]] = []
        shown: set[str] = set()
        for table in reversed(self._previous):
            withheld = {
                value: table.withheld[part] for value, part in parts.items() if part in table.withheld
            }
            if key in table.published and withheld:
                found.append({value: count for value, count in withheld.items() if value not in shown})
            shown |= {value for value, part in parts.items() if part in table.published}
        return found[::-1]
