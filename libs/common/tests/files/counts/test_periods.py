"""Tests of the tables of several periods: no later one discloses what an earlier one withheld."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solidary.files.counts import CellKey, CountTable, CrossTabulation, InvalidViews, View, build_count_table

from .attacker import DOMAINS, Attacker, Domains, figures_of, people_by_area

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
        for key in sorted(figures_of(views, domains) - set(known)):
            assert attacker.interval(key) >= k - 1e-6, (number, key)


@given(several_periods(), st.sampled_from(BREAKDOWNS), st.sampled_from([3, 10]))
@settings(max_examples=100, deadline=None)
def test_all_tables_together_do_not_disclose_what_none_of_them_shows(
    periods: list[Counts], views: Sequence[View], k: int
) -> None:
    tables = _tables(periods, views, k)
    never = figures_of(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
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
    never = figures_of(views, _domains_of(periods[0])).difference(*(table.published for table in tables))
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
    before = build_count_table(people_by_area(first), [("area",)], DOMAINS, k=k)
    after = build_count_table(people_by_area(second), [("area",)], DOMAINS, k=k, previous=[before])
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


def test_part_is_not_released_when_it_would_disclose_one_that_stays_withheld() -> None:
    first = {"north": 3, "south": 12, "east": 40, "west": 50}
    before = build_count_table(people_by_area(first), [("area",)], DOMAINS)
    assert {key[0][1] for key in before.withheld} == {"north", "south"}
    second = first | {"east": 8}
    alone = build_count_table(people_by_area(second), [("area",)], DOMAINS)
    assert {key[0][1] for key in alone.withheld} == {"north", "east"}
    after = build_count_table(people_by_area(second), [("area",)], DOMAINS, previous=[before])
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
            build_count_table(people_by_area(counts), [("area",)], {"area": list(counts)}, previous=tables)
        )
    assert set(stays) <= _withheld_names(tables[0]) & _withheld_names(tables[-1])


def test_tables_of_other_views_are_refused_as_earlier_tables() -> None:
    before = build_count_table(people_by_area({"north": 30, "south": 20}), [("area",)], DOMAINS)
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
