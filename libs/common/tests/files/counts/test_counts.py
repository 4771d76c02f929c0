from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solidary.files.counts import BrokenViews, Cross, Table, View, Where, at_least, publish
from solidary.files.counts.line import withhold

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
    [(Cross("area", "group"),)],
    [(Cross("area", "group"),), ("sex", "band")],
    [("sex", Cross("area", "group")), ("band",)],
]


def _dimensions(view: View) -> list[str]:
    return [name for by in view for name in ((by,) if isinstance(by, str) else (by.rows, by.columns))]


def _figures(views: Sequence[View], domains: Domains = DOMAINS) -> set[Where]:
    """Every figure that the views could show."""
    found: set[Where] = {()}
    for view in views:
        wheres: list[Where] = [()]
        for by in view:
            if isinstance(by, str):
                wheres = [(*where, (by, value)) for where in wheres for value in domains[by]]
            else:
                for name in (by.rows, by.columns):
                    found |= {(*where, (name, value)) for where in wheres for value in domains[name]}
                wheres = [
                    (*where, (by.rows, row), (by.columns, column))
                    for where in wheres
                    for row, column in product(domains[by.rows], domains[by.columns])
                ]
            found |= set(wheres)
    return found


class Attacker:
    """Knows every published figure, and asks HiGHS how small and how large any other can be.

    The unknowns are the numbers of people of each kind (area × group × sex × band): the finest that the
    figures can be made of.
    """

    def __init__(
        self, table: Table, views: Sequence[View], *, whole_people: bool = False, domains: Domains = DOMAINS
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
        self.learns(table, domains)

    def learns(self, table: Table, domains: Domains) -> None:
        """Takes the figures of a table as true of the people within its domains."""
        possible = np.array(
            [all(value in domains[name] for name, value in kind.items()) for kind in self._kinds]
        )
        for where, count in table.published.items():
            inside = np.flatnonzero(self._inside(where) * possible).astype(np.int32)
            self._solver.addRow(count, count, len(inside), inside, np.ones(len(inside)))

    def interval(self, where: Where) -> float:
        """The width of what the figure can be."""
        cost = self._inside(where)
        ends = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self._solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
            self._solver.changeObjectiveSense(sense)
            self._solver.run()
            assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(self._solver.getObjectiveValue())
        return ends[1] - ends[0]

    def _inside(self, where: Where) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([float(all(kind[name] == value for name, value in where)) for kind in self._kinds])


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, str]]:
    """Up to a few hundred people, some kinds common and many rare or absent."""
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    skew = draw(st.sampled_from([0.2, 0.5, 1.0, 3.0]))
    size = draw(st.sampled_from([5, 30, 120, 400]))
    weights = {name: random.dirichlet([skew] * len(values)) for name, values in DOMAINS.items()}
    columns = {name: random.choice(values, size, p=weights[name]) for name, values in DOMAINS.items()}
    return [{name: str(column[i]) for name, column in columns.items()} for i in range(size)]


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 5, 10]))
@settings(max_examples=150, deadline=None)
def test_who_knows_every_published_figure_cannot_narrow_a_withheld_one_below_k(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = publish(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views)
    for where in sorted(_figures(views) - set(table.published)):
        assert attacker.interval(where) >= k - 1e-6, where


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 10]))
@settings(max_examples=20, deadline=None)
def test_nor_can_who_also_knows_that_people_are_whole(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = publish(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views, whole_people=True)
    for where in sorted(_figures(views) - set(table.published))[:12]:
        assert attacker.interval(where) >= k - 1e-6, where


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 5, 10]))
@settings(max_examples=200, deadline=None)
def test_what_is_published_is_true_and_large_enough_and_stands_under_something_published(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = publish(rows, views, DOMAINS, k=k)
    for where, count in (table.published | table.withheld).items():
        assert count == sum(all(row[name] == value for name, value in where) for row in rows)
        assert count >= k or where in table.withheld
    assert not set(table.published) & set(table.withheld)
    assert set(table.published) | set(table.withheld) <= _figures(views)
    assert publish(reversed(rows), views, DOMAINS, k=k) == table


counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=2)


@given(counts, st.integers(2, 12))
def test_of_a_breakdown_nothing_or_at_least_two_parts_with_k_people_are_withheld(
    parts: dict[str, int], k: int
) -> None:
    hidden = withhold(parts, k)
    assert {name for name, count in parts.items() if count < k} <= hidden
    if hidden and sum(parts.values()) >= k:
        assert len(hidden) >= 2
        assert sum(parts[name] for name in hidden) >= k


@given(counts, st.integers(2, 12))
def test_who_believes_every_withheld_part_to_be_small_finds_each_within_half_of_k_at_best(
    parts: dict[str, int], k: int
) -> None:
    hidden = withhold(parts, k)
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
def test_a_breakdown_withholds_what_is_small_and_as_little_more_as_it_can(
    parts: dict[str, int], hidden: str
) -> None:
    assert withhold(parts, 10) == set(hidden)


def test_a_part_that_speaks_of_nearly_everybody_is_withheld() -> None:
    rows = [{"area": "north"}] * 19 + [{"area": "south"}] * 30 + [{"area": "east"}] * 40
    rows += [{"area": "west"}] * 40
    everybody = rows + [{"area": "north"}] + [{"area": name} for name in DOMAINS["area"]] * 50
    homogeneous = rows + [{"area": "north"}] + [{"area": name} for name in ("south", "east", "west")] * 50
    views = [("area",)]
    assert not publish(rows, views, DOMAINS, population=everybody).withheld
    withheld = publish(rows, views, DOMAINS, population=homogeneous).withheld
    assert set(withheld) == {(("area", "north"),), (("area", "south"),)}


def _one_way(parts: Mapping[str, int]) -> list[dict[str, str]]:
    return [{"area": area} for area, count in parts.items() for _ in range(count)]


AREAS = (*DOMAINS["area"], "harbour", "airport")
"""The last two come later."""
Counts = Mapping[tuple[str, str], int]
SEVERAL_VIEWS: list[Sequence[View]] = [
    [("area",)],
    [("area", "group")],
    [("group", "area")],
    [("area",), ("group",)],
    [(Cross("area", "group"),)],
]

BREAKDOWNS = SEVERAL_VIEWS[:-1]


@st.composite
def several_periods(draw: st.DrawFn) -> list[Counts]:
    """People by area and group in two to four periods: most cells stay as they were, areas are added."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    changing = draw(st.sampled_from([0.0, 0.1, 0.4]))
    sizes = draw(st.sampled_from([[0, 2, 5, 9, 12, 15, 25], [0, 1, 3, 40], [0, 0, 4, 12]]))
    areas = list(DOMAINS["area"])
    periods: list[Counts] = []
    for _ in range(draw(st.integers(2, 4))):
        if periods and len(areas) < len(AREAS) and random.random() < 0.5:
            areas.append(AREAS[len(areas)])
        was = periods[-1] if periods else {}
        periods.append(
            {
                cell: was[cell] if cell in was and random.random() >= changing else int(random.choice(sizes))
                for cell in product(areas, DOMAINS["group"])
            }
        )
    return periods


def _people_of(counts: Counts) -> list[dict[str, str]]:
    return [{"area": a, "group": g} for (a, g), count in counts.items() for _ in range(count)]


def _domains_of(counts: Counts) -> Domains:
    return DOMAINS | {"area": tuple(dict.fromkeys(area for area, _ in counts))}


def _tables(periods: Sequence[Counts], views: Sequence[View], k: int) -> list[Table]:
    tables: list[Table] = []
    for counts in periods:
        tables.append(publish(_people_of(counts), views, _domains_of(counts), k=k, previous=tables))
    return tables


def _true(where: Where, counts: Counts) -> int:
    said = dict(where)
    return sum(
        count
        for (area, group), count in counts.items()
        if said.get("area", area) == area and said.get("group", group) == group
    )


def _carried(tables: Iterable[Table], to: Counts) -> dict[Where, int]:
    """What other tables show and that was the same in this period: where the attacker takes it to be, rightly."""
    shown = {where: count for table in tables for where, count in table.published.items()}
    return {where: count for where, count in shown.items() if _true(where, to) == count}


@given(several_periods(), st.sampled_from(SEVERAL_VIEWS), st.sampled_from([3, 10]))
@settings(max_examples=200, deadline=None)
def test_no_later_table_helps_to_work_out_what_a_table_withheld(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    tables = _tables(periods, views, k)
    for number, (counts, table) in enumerate(zip(periods, tables, strict=True)):
        known = dict(table.published) | _carried(tables[number + 1 :], counts)
        domains = _domains_of(counts)
        attacker = Attacker(Table(k, known, {}), views, domains=domains)
        for where in sorted(_figures(views, domains) - set(known)):
            assert attacker.interval(where) >= k - 1e-6, (number, where)


@given(several_periods(), st.sampled_from(BREAKDOWNS), st.sampled_from([3, 10]))
@settings(max_examples=100, deadline=None)
def test_nor_do_all_tables_together_work_out_what_none_of_them_shows(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    tables = _tables(periods, views, k)
    never = _figures(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
    for counts, table in zip(periods, tables, strict=True):
        known = _carried(tables, counts) | table.published
        attacker = Attacker(Table(k, known, {}), views, domains=_domains_of(counts))
        for where in sorted(never):
            *above, (dimension, _) = where or ((("", ""),))
            beside = [(*above, (dimension, value)) for value in _domains_of(periods[0]).get(dimension, ())]
            open_ = sum(_true(part, counts) for part in beside if part in never)
            assert attacker.interval(where) >= min(k, open_) - 1e-6, where


@given(several_periods(), st.sampled_from(SEVERAL_VIEWS[:2]), st.sampled_from([3, 10]))
@settings(max_examples=100, deadline=None)
def test_where_nothing_changed_but_areas_came_all_tables_leave_open_what_none_shows(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    last = _domains_of(periods[-1])
    unchanged = [{cell: periods[-1][cell] for cell in counts} for counts in periods]
    tables = _tables(unchanged, views, k)
    attacker = Attacker(Table(k, {}, {}), views, domains=last)
    for counts, table in zip(unchanged, tables, strict=True):
        attacker.learns(table, _domains_of(counts))
    never = _figures(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
    for where in sorted(never):
        if () in tables[0].published:
            assert attacker.interval(where) >= k - 1e-6, where


area_counts = st.fixed_dictionaries({area: st.integers(0, 30) for area in DOMAINS["area"]})
changes = st.fixed_dictionaries({area: st.integers(-6, 6) for area in DOMAINS["area"]})


@given(area_counts, changes, st.sampled_from([3, 5, 10]))
@settings(max_examples=300, deadline=None)
def test_two_periods_and_all_that_changed_between_them_leave_open_what_both_withhold(
    first: dict[str, int], change: dict[str, int], k: int
) -> None:
    second = {area: max(count + change[area], 0) for area, count in first.items()}
    before = publish(_one_way(first), [("area",)], DOMAINS, k=k)
    after = publish(_one_way(second), [("area",)], DOMAINS, k=k, previous=[before])
    hidden = [area for area in first if (("area", area),) in before.withheld]
    both = [area for area in hidden if (("area", area),) in after.withheld]
    at_best = sum(min(first[area], second[area]) for area in hidden)
    for area in both:
        assert _width_knowing_the_change(area, first, second, before, after) >= min(k, at_best) - 1e-6


def _width_knowing_the_change(
    area: str, first: Mapping[str, int], second: Mapping[str, int], before: Table, after: Table
) -> float:
    """HiGHS, over last period's parts: both tables, and how much each part changed, are known."""
    solver, names = highspy.Highs(), list(first)
    solver.silent()
    for name in names:
        solver.addVar(max(0, first[name] - second[name]), 1000)
    for table, true in ((before, first), (after, second)):
        for where, count in table.published.items():
            inside = [i for i, name in enumerate(names) if not where or where[0][1] == name]
            then = count - sum(true[names[i]] - first[names[i]] for i in inside)
            solver.addRow(then, then, len(inside), np.array(inside, np.int32), np.ones(len(inside)))
    solver.changeColCost(names.index(area), 1.0)
    ends = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        solver.changeObjectiveSense(sense)
        solver.run()
        ends.append(solver.getObjectiveValue())
    return ends[1] - ends[0]


def test_the_attacker_is_real_plain_withholding_gives_people_away() -> None:
    rows = _one_way({"north": 3, "south": 40, "east": 41, "west": 50})
    figures = {(("area", area),): sum(row["area"] == area for row in rows) for area in DOMAINS["area"]}
    naive = Table(10, {(): len(rows)} | at_least(figures), {(("area", "north"),): 3})
    assert Attacker(naive, [("area",)]).interval((("area", "north"),)) == 0


def test_a_part_is_not_released_where_it_would_give_away_one_that_stays_withheld() -> None:
    first = {"north": 3, "south": 12, "east": 40, "west": 50}
    before = publish(_one_way(first), [("area",)], DOMAINS)
    assert {where[0][1] for where in before.withheld} == {"north", "south"}
    second = first | {"east": 8}
    alone = publish(_one_way(second), [("area",)], DOMAINS)
    assert {where[0][1] for where in alone.withheld} == {"north", "east"}
    after = publish(_one_way(second), [("area",)], DOMAINS, previous=[before])
    assert {where[0][1] for where in after.withheld} == {"north", "south", "east"}


def _hidden(table: Table) -> set[str]:
    return {where[-1][1] for where in table.withheld if where}


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
def test_what_gives_an_earlier_table_away_is_not_released(periods: list[str], stays: str) -> None:
    tables: list[Table] = []
    for said in periods:
        counts = {part[0]: int(part[1:]) for part in said.split()}
        tables.append(publish(_one_way(counts), [("area",)], {"area": list(counts)}, previous=tables))
    assert set(stays) <= _hidden(tables[0]) & _hidden(tables[-1])


def test_of_many_once_withheld_two_with_k_people_stay_so() -> None:
    then = {"a": 3, "b": 4, "c": 5, "d": 6}
    assert withhold({"a": 30, "b": 40, "c": 50, "d": 60}, 10, earlier=[then]) == {"a", "b", "c"}
    assert withhold({"a": 30, "b": 40}, 10, earlier=[{"a": 3}]) == {"a", "b"}


def test_tables_of_other_views_are_no_earlier_tables() -> None:
    before = publish(_one_way({"north": 30, "south": 20}), [("area",)], DOMAINS)
    with pytest.raises(BrokenViews, match="an earlier table breaks people down by area"):
        publish([], [("sex",)], {"sex": ("f", "m")}, previous=[before])


def test_a_cross_once_withheld_stays_withheld() -> None:
    views = [(Cross("area", "group"),)]
    few = [{"area": a, "group": g} for a in DOMAINS["area"] for g in DOMAINS["group"] for _ in range(20)]
    before = publish(few[:-18], views, DOMAINS)
    after = publish(few, views, DOMAINS, previous=[before])
    inner = {where for where in before.withheld if len(where) == 2}
    assert inner
    assert inner <= set(after.withheld)
    assert not publish(few, views, DOMAINS).withheld


def test_below_k_nothing_at_all_is_published() -> None:
    table = publish([{"area": "north"}] * 9, [("area",)], DOMAINS)
    assert table == Table(10, {}, {(): 9})
    assert publish([], [("area",)], DOMAINS).published == {}


@pytest.mark.parametrize(
    ("views", "reason"),
    [
        ([("area", "group"), ("group",)], "two places"),
        ([("area",), (Cross("area", "group"),)], "two places"),
        ([(Cross("area", "group"), "sex")], "stands last"),
        ([("height",)], "no domain"),
    ],
)
def test_views_that_give_a_figure_in_two_ways_are_refused(views: Sequence[View], reason: str) -> None:
    with pytest.raises(BrokenViews, match=reason):
        publish([], views, DOMAINS)


def test_a_value_outside_its_domain_is_refused() -> None:
    with pytest.raises(BrokenViews, match="area has no value 'moon'"):
        publish([{"area": "moon"}], [("area",)], DOMAINS)


def test_without_totals_cells_of_k_may_stand_alone() -> None:
    assert at_least({(("area", "north"),): 10, (("area", "south"),): 9}) == {(("area", "north"),): 10}


def _city() -> Iterator[dict[str, str]]:
    """50 areas × 7 groups × 5 bands × 2 sexes, 40,000 people."""
    random = np.random.default_rng(4)
    wide = {"area": 50, "group": 7, "band": 5, "sex": 2}
    columns = {name: random.choice(n, 40_000, p=random.dirichlet([1.0] * n)) for name, n in wide.items()}
    for i in range(40_000):
        yield {name: str(column[i]) for name, column in columns.items()}


def test_a_city_is_counted_in_one_go() -> None:
    rows = list(_city())
    domains = {
        name: [str(i) for i in range(n)] for name, n in (("area", 50), ("group", 7), ("band", 5), ("sex", 2))
    }
    table = publish(rows, [("area", "group", "band", "sex")], domains)
    crossed = publish(rows, [(Cross("area", "group"),), ("band", "sex")], domains)
    depths = Counter(len(where) for where in table.published)
    assert depths[1] > 40
    assert depths[2] > 100
    assert len([where for where in crossed.published if len(where) == 2 and where[0][0] == "area"]) > 100
