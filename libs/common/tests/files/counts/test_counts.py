"""Tests of one table of counts: what is withheld, what is published, and which views are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solidary.files.counts import CountTable, CrossTabulation, InvalidViews, View, build_count_table

from .attacker import DOMAINS, Attacker, figures_of, people_by_area

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
def test_withheld_figure_cannot_be_narrowed_below_k_from_all_publishedfigures_of(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = build_count_table(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views)
    for key in sorted(figures_of(views) - set(table.published)):
        assert attacker.interval(key) >= k - 1e-6, key


@given(people(), st.sampled_from(VIEWS), st.sampled_from([3, 10]))
@settings(max_examples=20, deadline=None)
def test_withheld_figure_cannot_be_narrowed_below_k_by_whole_numbers(
    rows: list[dict[str, str]], views: Sequence[View], k: int
) -> None:
    table = build_count_table(rows, views, DOMAINS, k=k)
    attacker = Attacker(table, views, whole_people=True)
    for key in sorted(figures_of(views) - set(table.published))[:12]:
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
    assert set(table.published) | set(table.withheld) <= figures_of(views)
    assert build_count_table(reversed(rows), views, DOMAINS, k=k) == table


def test_part_that_counts_nearly_its_whole_population_is_withheld() -> None:
    rows = [{"area": "north"}] * 19 + [{"area": "south"}] * 30 + [{"area": "east"}] * 40
    rows += [{"area": "west"}] * 40
    heterogeneous = rows + [{"area": "north"}] + [{"area": name} for name in DOMAINS["area"]] * 50
    homogeneous = rows + [{"area": "north"}] + [{"area": name} for name in ("south", "east", "west")] * 50
    views = [("area",)]
    assert not build_count_table(rows, views, DOMAINS, population=heterogeneous).withheld
    withheld = build_count_table(rows, views, DOMAINS, population=homogeneous).withheld
    assert set(withheld) == {(("area", "north"),), (("area", "south"),)}


def test_attacker_discloses_a_figure_that_is_withheld_alone() -> None:
    rows = people_by_area({"north": 3, "south": 40, "east": 41, "west": 50})
    figures = {(("area", area),): sum(row["area"] == area for row in rows) for area in DOMAINS["area"]}
    shown = {key: count for key, count in figures.items() if count >= 10}
    naive = CountTable(10, {(): len(rows)} | shown, {(("area", "north"),): 3})
    assert Attacker(naive, [("area",)]).interval((("area", "north"),)) == 0


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
