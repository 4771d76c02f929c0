from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market.engines.economics.rules import (
    NO_SHIFT,
    Employment,
    Shift,
    location_quotient,
    round_consistently,
    shift_share,
)

jobs = st.fractions(min_value=0, max_value=10**7, max_denominator=100)
some_jobs = st.fractions(min_value=Fraction(1, 100), max_value=10**7, max_denominator=100)
industries = st.lists(st.builds(Employment, jobs, jobs, some_jobs, jobs), min_size=1, max_size=30)
shifts = st.lists(st.builds(Shift, *[st.fractions(-(10**6), 10**6)] * 3), max_size=30)


def test_location_quotient_of_the_reference() -> None:
    quotient = location_quotient(Fraction(1714), Fraction(79006), Fraction(879213), Fraction(15593224))
    assert f"{float(quotient):.7f}" == "0.3847623"


@pytest.mark.parametrize(
    ("e_ij", "e_j", "e_i", "e"),
    [(-1, 5, 5, 9), (1, 0, 5, 9), (0, 5, 0, 9), (6, 5, 7, 9), (6, 7, 5, 9), (1, 10, 5, 9), (1, 5, 10, 9)],
)
def test_part_greater_than_its_whole_is_refused(e_ij: int, e_j: int, e_i: int, e: int) -> None:
    with pytest.raises(ValueError):
        location_quotient(Fraction(e_ij), Fraction(e_j), Fraction(e_i), Fraction(e))


@given(st.integers(0, 99), st.integers(1, 99), st.integers(1, 9), st.integers(1, 9))
def test_region_like_the_nation_has_a_quotient_of_one(other: int, own: int, size: int, rest: int) -> None:
    nation = Fraction((own + other) * (size + rest))
    quotient = location_quotient(
        Fraction(own * size), Fraction((own + other) * size), Fraction(own * (size + rest)), nation
    )
    assert quotient == 1


def test_worked_example_of_shift_share() -> None:
    # Nation 1,000 → 1,100 (G = 1.1); industry A 400 → 480 (g = 1.2); the region's A 50 → 58.
    farm, other = shift_share(
        [
            Employment(Fraction(50), Fraction(58), Fraction(400), Fraction(480)),
            Employment(Fraction(20), Fraction(22), Fraction(600), Fraction(620)),
        ]
    )
    assert farm == Shift(Fraction(5), Fraction(5), Fraction(-2))
    assert other == Shift(Fraction(2), Fraction(-4, 3), Fraction(4, 3))


@given(industries)
def test_three_parts_add_up_to_the_change_exactly(table: list[Employment]) -> None:
    for industry, shift in zip(table, shift_share(table), strict=True):
        assert shift.change == industry.region_t1 - industry.region_t0


@given(industries)
def test_sums_are_those_of_the_formula_for_the_whole_region(table: list[Employment]) -> None:
    total = sum(shift_share(table), NO_SHIFT)
    start = sum(i.region_t0 for i in table)
    growth = sum(i.nation_t1 for i in table) / sum(i.nation_t0 for i in table)
    expected = sum(i.region_t0 * i.nation_t1 / i.nation_t0 for i in table)
    assert total.national == start * (growth - 1)
    assert total.mix == expected - start * growth
    assert total.regional == sum(i.region_t1 for i in table) - expected


def test_industry_new_to_the_nation_counts_as_regional() -> None:
    old = Employment(Fraction(5), Fraction(5), Fraction(9), Fraction(9))
    new = Employment(Fraction(0), Fraction(3), Fraction(0), Fraction(4))
    assert shift_share([old, new])[1] == Shift(Fraction(0), Fraction(0), Fraction(3))


@pytest.mark.parametrize("nation_t0", [[0], [0, 5]])
def test_industry_without_national_jobs_at_the_start_is_refused(nation_t0: list[int]) -> None:
    with pytest.raises(ValueError):
        shift_share([Employment(Fraction(1), Fraction(1), Fraction(n), Fraction(1)) for n in nation_t0])


@given(shifts, st.sampled_from([Fraction(1), Fraction(1, 10), Fraction(1, 100)]))
def test_rounded_parts_add_up_in_rows_and_columns(exact: list[Shift], unit: Fraction) -> None:
    whole = [Shift(s.national, s.mix, round(s.change / unit) * unit - s.national - s.mix) for s in exact]
    printed = round_consistently(whole, unit)
    for true, shown in zip(whole, printed, strict=True):
        assert shown.change == true.change
        for part in ("national", "mix", "regional"):
            assert (getattr(shown, part) / unit).denominator == 1
            assert abs(getattr(shown, part) - getattr(true, part)) < 2 * unit
    true_sum, shown_sum = sum(whole, NO_SHIFT), sum(printed, NO_SHIFT)
    assert shown_sum.change == true_sum.change
    assert abs(shown_sum.national - true_sum.national) <= unit / 2
    assert abs(shown_sum.mix - true_sum.mix) <= unit
    assert abs(shown_sum.regional - true_sum.regional) <= unit
