from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solidary.files.counts import CellKey, CountTable, CrossTabulation, InvalidViews, View, build_count_table
from solidary.files.counts.breakdown import parts_to_withhold

Domains = Mapping[str, Sequence[str]]
DOMAINS: Domains = {
    "area": ("north", "south", "east", "west"),
    "group": ("refugee", "migrant", "host"),
    "sex": ("f", "m"),
    "band": ("child", "adult", "old"),
}
VIEWS: list[Sequence[View]] = [
    [("area",)],
    [("area", "group")],
    [("area", "group", "sex")],
    [("area", "group"), ("sex",), ("band",)],
    [("area", "group"), ("area", "sex"), ("band",)],
    [(CrossTabulation("area", "group"),)],
    [(CrossTabulation("area", "group"),), ("sex", "band")],
    [("sex", CrossTabulation("area", "group")), ("band",)],
]


def _dimensions(view: View) -> list[str]:
    return [name for by in view for name in ((by,) if isinstance(by, str) else (by.rows, by.columns))]


def _figures(views: Sequence[View], domains: Domains = DOMAINS) -> set[CellKey]:
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


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, str]]:
    """Generate up to a few hundred people, of whom some kinds are common and many rare or absent."""
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    skew = draw(st.sampled_from([0.2, 0.5, 1.0, 3.0]))
    size = draw(st.sampled_from([5, 30, 120, 400]))
    weights = {name: random.dirichlet([skew] * len(values)) for name, values in DOMAINS.items()}
    columns = {name: random.choice(values, size, p=weights[name]) for name, values in DOMAINS.items()}
    return [{name: str(column[i]) for name, column in columns.items()} for i in range(size)]


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 5, 10]))
@settings(max_examples=150, deadline=None)
def test_withheld_figure_cannot_be_narrowed_below_k_from_all_published_figures(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = build_count_table(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views)
    for key in sorted(_figures(views) - set(table.published)):
        assert attacker.interval(key) >= k - 1e-6, key


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 10]))
@settings(max_examples=20, deadline=None)
def test_withheld_figure_cannot_be_narrowed_below_k_by_whole_numbers(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = build_count_table(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views, whole_people=True)
    for key in sorted(_figures(views) - set(table.published))[:12]:
        assert attacker.interval(key) >= k - 1e-6, key


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 5, 10]))
@settings(max_examples=200, deadline=None)
def test_published_figures_are_true_and_at_least_k(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = build_count_table(rows, views, DOMAINS, k=k)
    for key, count in (table.published | table.withheld).items():
        assert count == sum(all(row[name] == value for name, value in key) for row in rows)
        assert count >= k or key in table.withheld
    assert not set(table.published) & set(table.withheld)
    assert set(table.published) | set(table.withheld) <= _figures(views)
    assert build_count_table(reversed(rows), views, DOMAINS, k=k) == table


counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=2)


@given(counts, st.integers(2, 12))
def test_breakdown_withholds_nothing_or_at_least_two_parts_with_k_people(
    parts: dict[str, int], k: int
) -> None:
    hidden = parts_to_withhold(parts, k)
    assert {name for name, count in parts.items() if count < k} <= hidden
    if hidden and sum(parts.values()) >= k:
        assert len(hidden) >= 2
        assert sum(parts[name] for name in hidden) >= k


@given(counts, st.integers(2, 12))
def test_assuming_that_withheld_parts_are_below_k_narrows_none_to_less_than_half_of_k(
    parts: dict[str, int], k: int
) -> None:
    hidden = parts_to_withhold(parts, k)
    small = all(parts[name] < k for name in hidden)
    if hidden and small and hidden != set(parts):
        rest, others = sum(parts[name] for name in hidden), (len(hidden) - 1) * (k - 1)
        assert min(k - 1, rest) - max(0, rest - others) >= k // 2


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({"a": 50, "b": 40}, ""),
        ({"a": 50, "b": 40, "c": 4}, "bc"),
        ({"a": 50, "b": 40, "c": 0}, "bc"),
        ({"a": 50, "b": 40, "c": 4, "d": 7}, "cd"),
        ({"a": 50, "b": 40, "c": 4, "d": 3}, "bcd"),
        ({"a": 50, "b": 40, "c": 9, "d": 9}, "bcd"),
        ({"a": 50, "c": 4}, "ac"),
        ({"a": 50}, ""),
        ({"a": 3}, ""),
    ],
)
def test_breakdown_withholds_small_parts_and_as_few_others_as_possible(
    parts: dict[str, int], hidden: str
) -> None:
    assert parts_to_withhold(parts, 10) == set(hidden)


def test_part_that_counts_nearly_its_whole_population_is_withheld() -> None:
    rows = [{"area": "north"}] * 19 + [{"area": "south"}] * 30 + [{"area": "east"}] * 40
    rows += [{"area": "west"}] * 40
    heterogeneous = rows + [{"area": "north"}] + [{"area": name} for name in DOMAINS["area"]] * 50
    homogeneous = rows + [{"area": "north"}] + [{"area": name} for name in ("south", "east", "west")] * 50
    views = [("area",)]
    assert not build_count_table(rows, views, DOMAINS, population=heterogeneous).withheld
    withheld = build_count_table(rows, views, DOMAINS, population=homogeneous).withheld
    assert set(withheld) == {(("area", "north"),), (("area", "south"),)}


def _people_by_area(parts: Mapping[str, int]) -> list[dict[str, str]]:
    return [{"area": area} for area, count in parts.items() for _ in range(count)]


AREAS = (*DOMAINS["area"], "harbour", "airport")
"""The last two are added in later periods."""
Counts = Mapping[tuple[str, str], int]
SEVERAL_VIEWS: list[Sequence[View]] = [
    [("area",)],
    [("area", "group")],
    [("group", "area")],
    [("area",), ("group",)],
    [(CrossTabulation("area", "group"),)],
]

BREAKDOWNS = SEVERAL_VIEWS[:-1]


@st.composite
def several_periods(draw: st.DrawFn) -> list[Counts]:
    """Generate people by area and group in two to four periods: most cells stay the same, and areas are added."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    changing = draw(st.sampled_from([0.0, 0.1, 0.4]))
    sizes = draw(st.sampled_from([[0, 2, 5, 9, 12, 15, 25], [0, 1, 3, 40], [0, 0, 4, 12]]))
    areas = list(DOMAINS["area"])
    periods: list[Counts] = []
    for _ in range(draw(st.integers(2, 4))):
        if periods and len(areas) < len(AREAS) and random.random() < 0.5:
            areas.append(AREAS[len(areas)])
        before = periods[-1] if periods else {}
        periods.append(
            {
                cell: before[cell]
                if cell in before and random.random() >= changing
                else int(random.choice(sizes))
                for cell in product(areas, DOMAINS["group"])
            }
        )
    return periods


def _people_of(counts: Counts) -> list[dict[str, str]]:
    return [{"area": a, "group": g} for (a, g), count in counts.items() for _ in range(count)]


def _domains_of(counts: Counts) -> Domains:
    return DOMAINS | {"area": tuple(dict.fromkeys(area for area, _ in counts))}


def _tables(periods: Sequence[Counts], views: Sequence[View], k: int) -> list[CountTable]:
    tables: list[CountTable] = []
    for counts in periods:
        tables.append(build_count_table(_people_of(counts), views, _domains_of(counts), k=k, previous=tables))
    return tables


def _true(key: CellKey, counts: Counts) -> int:
    values = dict(key)
    return sum(
        count
        for (area, group), count in counts.items()
        if values.get("area", area) == area and values.get("group", group) == group
    )


def _carried(tables: Iterable[CountTable], to: Counts) -> dict[CellKey, int]:
    """Return the figures of other tables that were the same in this period, as the attacker rightly assumes."""
    shown = {key: count for table in tables for key, count in table.published.items()}
    return {key: count for key, count in shown.items() if _true(key, to) == count}


@given(several_periods(), st.sampled_from(SEVERAL_VIEWS), st.sampled_from([3, 10]))
@settings(max_examples=200, deadline=None)
def test_later_tables_do_not_disclose_what_an_earlier_one_withheld(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    tables = _tables(periods, views, k)
    for number, (counts, table) in enumerate(zip(periods, tables, strict=True)):
        known = dict(table.published) | _carried(tables[number + 1 :], counts)
        domains = _domains_of(counts)
        attacker = Attacker(CountTable(k, known, {}), views, domains=domains)
        for key in sorted(_figures(views, domains) - set(known)):
            assert attacker.interval(key) >= k - 1e-6, (number, key)


@given(several_periods(), st.sampled_from(BREAKDOWNS), st.sampled_from([3, 10]))
@settings(max_examples=100, deadline=None)
def test_all_tables_together_do_not_disclose_what_none_of_them_shows(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    tables = _tables(periods, views, k)
    never = _figures(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
    for counts, table in zip(periods, tables, strict=True):
        known = _carried(tables, counts) | table.published
        attacker = Attacker(CountTable(k, known, {}), views, domains=_domains_of(counts))
        for key in sorted(never):
            *above, (dimension, _) = key or ((("", ""),))
            beside = [(*above, (dimension, value)) for value in _domains_of(periods[0]).get(dimension, ())]
            open_ = sum(_true(part, counts) for part in beside if part in never)
            assert attacker.interval(key) >= min(k, open_) - 1e-6, key


@given(several_periods(), st.sampled_from(SEVERAL_VIEWS[:2]), st.sampled_from([3, 10]))
@settings(max_examples=100, deadline=None)
def test_added_areas_disclose_nothing_when_all_else_is_unchanged(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    last = _domains_of(periods[-1])
    unchanged = [{cell: periods[-1][cell] for cell in counts} for counts in periods]
    tables = _tables(unchanged, views, k)
    attacker = Attacker(CountTable(k, {}, {}), views, domains=last)
    for counts, table in zip(unchanged, tables, strict=True):
        attacker.add_figures(table, _domains_of(counts))
    never = _figures(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
    for key in sorted(never):
        if () in tables[0].published:
            assert attacker.interval(key) >= k - 1e-6, key


area_counts = st.fixed_dictionaries({area: st.integers(0, 30) for area in DOMAINS["area"]})
changes = st.fixed_dictionaries({area: st.integers(-6, 6) for area in DOMAINS["area"]})


@given(area_counts, changes, st.sampled_from([3, 5, 10]))
@settings(max_examples=300, deadline=None)
def test_two_periods_with_all_changes_between_them_do_not_disclose_what_both_withhold(
    first: dict[str, int], change: dict[str, int], k: int
) -> None:
    second = {area: max(count + change[area], 0) for area, count in first.items()}
    before = build_count_table(_people_by_area(first), [("area",)], DOMAINS, k=k)
    after = build_count_table(_people_by_area(second), [("area",)], DOMAINS, k=k, previous=[before])
    hidden = [area for area in first if (("area", area),) in before.withheld]
    both = [area for area in hidden if (("area", area),) in after.withheld]
    at_best = sum(min(first[area], second[area]) for area in hidden)
    for area in both:
        assert _width_knowing_the_change(area, first, second, before, after) >= min(k, at_best) - 1e-6


def _width_knowing_the_change(
    area: str, first: Mapping[str, int], second: Mapping[str, int], before: CountTable, after: CountTable
) -> float:
    """Return the width of a part's interval, given both tables and the change of every part."""
    solver, names = highspy.Highs(), list(first)
    solver.silent()
    for name in names:
        solver.addVar(max(0, first[name] - second[name]), 1000)
    for table, true in ((before, first), (after, second)):
        for key, count in table.published.items():
            inside = [i for i, name in enumerate(names) if not key or key[0][1] == name]
            then = count - sum(true[names[i]] - first[names[i]] for i in inside)
            solver.addRow(then, then, len(inside), np.array(inside, np.int32), np.ones(len(inside)))
    solver.changeColCost(names.index(area), 1.0)
    ends = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        solver.changeObjectiveSense(sense)
        solver.run()
        ends.append(solver.getObjectiveValue())
    return ends[1] - ends[0]


def test_attacker_discloses_a_figure_that_is_withheld_alone() -> None:
    rows = _people_by_area({"north": 3, "south": 40, "east": 41, "west": 50})
    figures = {(("area", area),): sum(row["area"] == area for row in rows) for area in DOMAINS["area"]}
    shown = {key: count for key, count in figures.items() if count >= 10}
    naive = CountTable(10, {(): len(rows)} | shown, {(("area", "north"),): 3})
    assert Attacker(naive, [("area",)]).interval((("area", "north"),)) == 0


def test_part_is_not_released_when_it_would_disclose_one_that_stays_withheld() -> None:
    first = {"north": 3, "south": 12, "east": 40, "west": 50}
    before = build_count_table(_people_by_area(first), [("area",)], DOMAINS)
    assert {key[0][1] for key in before.withheld} == {"north", "south"}
    second = first | {"east": 8}
    alone = build_count_table(_people_by_area(second), [("area",)], DOMAINS)
    assert {key[0][1] for key in alone.withheld} == {"north", "east"}
    after = build_count_table(_people_by_area(second), [("area",)], DOMAINS, previous=[before])
    assert {key[0][1] for key in after.withheld} == {"north", "south", "east"}


def _withheld_names(table: CountTable) -> set[str]:
    return {key[-1][1] for key in table.withheld if key}


@pytest.mark.parametrize(
    ("periods", "stays"),
    [
        (["n3 s12 e40 w50", "n3 s12 e8 w50 x20"], "ns"),
        (["n23 s2 e12 w32", "n9 s2 e12 w32", "n9 s2 e12 w32"], "se"),
        (["n3 s12 e40 w50", "n3 s2 e0 w0", "n3 s12 e8 w50"], "ns"),
        (["n3 s12 e40 w50", "n12 s12 e40 w50"], "ns"),
        (["n3 s12 e40 w50", "n90 s12 e40 w50", "n90 s12 e3 w50"], "ns"),
        (["n3 s12 e40 w50", "s12 e40 w50", "n30 s12 e40 w50"], "ns"),
    ],
)
def test_parts_that_would_disclose_an_earlier_table_are_not_released(periods: list[str], stays: str) -> None:
    tables: list[CountTable] = []
    for period in periods:
        counts = {part[0]: int(part[1:]) for part in period.split()}
        tables.append(
            build_count_table(_people_by_area(counts), [("area",)], {"area": list(counts)}, previous=tables)
        )
    assert set(stays) <= _withheld_names(tables[0]) & _withheld_names(tables[-1])


def test_two_parts_with_k_people_stay_withheld_of_those_withheld_earlier() -> None:
    then = {"a": 3, "b": 4, "c": 5, "d": 6}
    assert parts_to_withhold({"a": 30, "b": 40, "c": 50, "d": 60}, 10, earlier=[then]) == {"a", "b", "c"}
    assert parts_to_withhold({"a": 30, "b": 40}, 10, earlier=[{"a": 3}]) == {"a", "b"}


def test_tables_of_other_views_are_refused_as_earlier_tables() -> None:
    before = build_count_table(_people_by_area({"north": 30, "south": 20}), [("area",)], DOMAINS)
    with pytest.raises(InvalidViews, match="An earlier table has the dimension area"):
        build_count_table([], [("sex",)], {"sex": ("f", "m")}, previous=[before])


def test_withheld_cells_of_a_cross_tabulation_stay_withheld() -> None:
    views = [(CrossTabulation("area", "group"),)]
    few = [{"area": a, "group": g} for a in DOMAINS["area"] for g in DOMAINS["group"] for _ in range(20)]
    before = build_count_table(few[:-18], views, DOMAINS)
    after = build_count_table(few, views, DOMAINS, previous=[before])
    inner = {key for key in before.withheld if len(key) == 2}
    assert inner
    assert inner <= set(after.withheld)
    assert not build_count_table(few, views, DOMAINS).withheld


def test_nothing_is_published_when_the_total_is_below_k() -> None:
    table = build_count_table([{"area": "north"}] * 9, [("area",)], DOMAINS)
    assert table == CountTable(10, {}, {(): 9})
    assert build_count_table([], [("area",)], DOMAINS).published == {}


@pytest.mark.parametrize(
    ("views", "reason"),
    [
        ([("area", "group"), ("group",)], "two places"),
        ([("area",), (CrossTabulation("area", "group"),)], "two places"),
        ([(CrossTabulation("area", "group"), "sex")], "must be the last part"),
        ([("height",)], "no domain"),
    ],
)
def test_views_that_give_a_figure_in_two_ways_are_refused(views: Sequence[View], reason: str) -> None:
    with pytest.raises(InvalidViews, match=reason):
        build_count_table([], views, DOMAINS)


def test_value_outside_its_domain_is_refused() -> None:
    with pytest.raises(InvalidViews, match="The dimension area has no value 'moon'"):
        build_count_table([{"area": "moon"}], [("area",)], DOMAINS)


def _city() -> Iterator[dict[str, str]]:
    """Yield 40,000 people of 50 areas, 7 groups, 5 age bands and 2 sexes."""
    random = np.random.default_rng(4)
    wide = {"area": 50, "group": 7, "band": 5, "sex": 2}
    columns = {name: random.choice(n, 40_000, p=random.dirichlet([1.0] * n)) for name, n in wide.items()}
    for i in range(40_000):
        yield {name: str(column[i]) for name, column in columns.items()}


def test_city_of_40000_people_is_counted() -> None:
    rows = list(_city())
    domains = {
        name: [str(i) for i in range(n)] for name, n in (("area", 50), ("group", 7), ("band", 5), ("sex", 2))
    }
    table = build_count_table(rows, [("area", "group", "band", "sex")], domains)
    crossed = build_count_table(rows, [(CrossTabulation("area", "group"),), ("band", "sex")], domains)
    depths = Counter(len(key) for key in table.published)
    assert depths[1] > 40
    assert depths[2] > 100
    assert len([key for key in crossed.published if len(key) == 2 and key[0][0] == "area"]) > 100
