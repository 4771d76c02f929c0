"""From rows to a table that may be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

from solidary.files.counts import cross, line

K = 10
"""People that a published figure must hold at least, unless a country asks for more."""

AT_MOST = 0.9
"""The share of a population that a published figure may be: above it, it speaks of nearly everybody."""

Where = tuple[tuple[str, str], ...]
"""Which people a figure counts: (("area", "Barrio Balboa"), ("group", "refugee")); () is everybody."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Cross:
    """Two dimensions with the totals of both, and no order between them."""

    rows: str
    columns: str


View = Sequence[str | Cross]
"""Dimensions from coarse to fine: ("area", "group") gives the total, each area, each group of an area.

A Cross may stand last.
"""


@dataclass(frozen=True)
class Table:
    """What may be published, and what may not.

    `withheld` holds the true counts, for the tables that follow: it never leaves its service. What lies
    within a withheld figure is withheld too, and not listed.
    """

    k: int
    published: Mapping[Where, int]
    withheld: Mapping[Where, int]


class BrokenViews(ValueError):
    """Views by which one figure could be had in two ways, or values outside their domain."""


def publish(
    rows: Iterable[Row],
    views: Sequence[View],
    domains: Mapping[str, Sequence[str]],
    *,
    k: int = K,
    population: Iterable[Row] | None = None,
    at_most: float = AT_MOST,
    previous: Sequence[Table] = (),
) -> Table:
    """The figures of some views of the same people, and those that must be withheld.

    `rows` has one row per person. `domains` gives every value that a dimension can have, so that an absent
    value is withheld like a small one. Needs, of which one person may have several, are published as one
    table per need. With `population` (one row per person of whom the rows are a part) a figure that is more
    than `at_most` of its people is withheld as well. `previous` are all tables of the same views that were
    published before, in the order in which they were; a value that one of them has is possible here too.

    Somebody who knows every published figure cannot narrow a withheld one, or any sum within it, to an
    interval of less than k: see docs/using/counts.md for why, and for how much this holds of all the tables
    together. Deterministic. Raises BrokenViews.
    """
    domains = _with_values_of(previous, domains)
    tree = _tree(views, domains)
    counts = _count(rows, tree, domains)
    people = _count(population, tree, domains) if population is not None else None
    maker = _Maker(counts, people, domains, k, at_most, previous)
    total = counts.get((), 0)
    if total < k:
        return Table(k, {}, {(): total})
    maker.published[()] = total
    maker.open((), tree)
    return Table(k, maker.published, maker.withheld)


def _with_values_of(previous: Sequence[Table], domains: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The domains, and after them the values that only earlier tables have: their parts are none today."""
    known = {dimension: dict.fromkeys(values) for dimension, values in domains.items()}
    for table in previous:
        for dimension, value in chain.from_iterable((*table.published, *table.withheld)):
            if dimension not in known:
                raise BrokenViews(f"an earlier table breaks people down by {dimension}")
            known[dimension].setdefault(value)
    return {dimension: list(values) for dimension, values in known.items()}


def at_least(cells: Mapping[Where, int], k: int = K) -> dict[Where, int]:
    """The plain way, for a list without totals: cells of k or more, as `having count(*) >= k` gives them.

    Safe where the cells do not overlap and nothing that they are part of is published.
    """
    return {where: count for where, count in cells.items() if count >= k}


@dataclass(frozen=True)
class _Level:
    """A dimension, or two crossed, that breaks its parent's people down; and what breaks these down again."""

    by: str | Cross
    below: dict[str | Cross, _Level] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else (self.by.rows, self.by.columns)


_Tree = dict[str | Cross, _Level]


def _tree(views: Sequence[View], domains: Mapping[str, Sequence[str]]) -> _Tree:
    """The views as one tree. A dimension stands in it once: else totals could be had in two ways."""
    tree: _Tree = {}
    seen: dict[str, tuple[str | Cross, ...]] = {}
    for view in views:
        at, path = tree, tuple(view)
        for depth, by in enumerate(path):
            if isinstance(by, Cross) and depth < len(path) - 1:
                raise BrokenViews(f"a cross stands last in its view: {path}")
            level = at.setdefault(by, _Level(by))
            for dimension in level.dimensions:
                if dimension not in domains:
                    raise BrokenViews(f"{dimension} has no domain")
                if seen.setdefault(dimension, path[: depth + 1]) != path[: depth + 1]:
                    raise BrokenViews(f"{dimension} breaks people down in two places; cross it instead")
            at = level.below
    return tree


def _wheres(row: Row, tree: _Tree, where: Where = ()) -> Iterator[Where]:
    """Every figure that counts this row."""
    for level in tree.values():
        pairs = tuple((dimension, row[dimension]) for dimension in level.dimensions)
        if len(pairs) == 2:
            yield from ((*where, pair) for pair in pairs)
        inner = where + pairs
        yield inner
        yield from _wheres(row, level.below, inner)


def _count(rows: Iterable[Row], tree: _Tree, domains: Mapping[str, Sequence[str]]) -> Counter[Where]:
    known = {dimension: frozenset(values) for dimension, values in domains.items()}
    dimensions = sorted({name for level in _levels(tree) for name in level.dimensions})
    counts: Counter[Where] = Counter()
    alike = Counter(tuple(row[name] for name in dimensions) for row in rows)
    for values, count in alike.items():
        row = dict(zip(dimensions, values, strict=True))
        if outside := [name for name, value in row.items() if value not in known[name]]:
            raise BrokenViews(f"{outside[0]} has no value {row[outside[0]]!r}")
        counts[()] += count
        for where in _wheres(row, tree):
            counts[where] += count
    return counts


def _levels(tree: _Tree) -> Iterator[_Level]:
    for level in tree.values():
        yield level
        yield from _levels(level.below)


class _Maker:
    """Walks down from published figures, breaking each down where that is safe."""

    def __init__(
        self,
        counts: Mapping[Where, int],
        people: Mapping[Where, int] | None,
        domains: Mapping[str, Sequence[str]],
        k: int,
        at_most: float,
        previous: Sequence[Table],
    ):
        self._counts, self._people, self._domains = counts, people, domains
        self._k, self._at_most, self._previous = k, at_most, previous
        self._once_withheld = frozenset(chain.from_iterable(table.withheld for table in previous))
        self.published: dict[Where, int] = {}
        self.withheld: dict[Where, int] = {}

    def open(self, where: Where, tree: _Tree) -> None:
        """Breaks a published figure down, in each of the ways that the tree has for it."""
        for level in tree.values():
            if isinstance(level.by, str):
                for part in self._line(where, level.by):
                    self.open(part, level.below)
            else:
                self._cross(where, level.by)

    def _line(self, where: Where, dimension: str, *, releases: bool = True) -> list[Where]:
        """Publishes the parts that may be, and returns them."""
        parts = {value: (*where, (dimension, value)) for value in self._domains[dimension]}
        counts = {value: self._counts.get(part, 0) for value, part in parts.items()}
        never = {
            value
            for value, part in parts.items()
            if self._speaks_of_nearly_all(part) or (part in self._once_withheld and not releases)
        }
        hidden = line.withhold(counts, self._k, never, self._withheld_since(where, parts))
        return [part for value, part in parts.items() if self._put(part, hide=value in hidden)]

    def _cross(self, where: Where, by: Cross) -> None:
        shown = {
            dimension: {part[-1][1] for part in self._line(where, dimension, releases=False)}
            for dimension in (by.rows, by.columns)
        }
        rows, columns = self._domains[by.rows], self._domains[by.columns]
        wheres = {
            (row, column): (*where, (by.rows, row), (by.columns, column))
            for row, column in product(rows, columns)
        }
        hidden = cross.withhold(
            {cell: self._counts.get(at, 0) for cell, at in wheres.items()},
            rows,
            columns,
            set(rows) - shown[by.rows],
            set(columns) - shown[by.columns],
            self._k,
            [
                cell
                for cell, at in wheres.items()
                if self._speaks_of_nearly_all(at) or at in self._once_withheld
            ],
        )
        for cell, at in wheres.items():
            self._put(at, hide=cell in hidden)

    def _put(self, where: Where, *, hide: bool) -> bool:
        (self.withheld if hide else self.published)[where] = self._counts.get(where, 0)
        return not hide

    def _speaks_of_nearly_all(self, where: Where) -> bool:
        if self._people is None:
            return False
        return self._counts.get(where, 0) > self._at_most * self._people.get(where, 0)

    def _withheld_since(self, where: Where, parts: Mapping[str, Where]) -> list[dict[str, int]]:
        """Of each table that broke this figure down: what it withheld of it and none has shown since."""
        since: list[dict[str, int]] = []
        shown: set[str] = set()
        for table in reversed(self._previous):
            hidden = {value: table.withheld[part] for value, part in parts.items() if part in table.withheld}
            if where in table.published and hidden:
                since.append({value: count for value, count in hidden.items() if value not in shown})
            shown |= {value for value, part in parts.items() if part in table.published}
        return since[::-1]
