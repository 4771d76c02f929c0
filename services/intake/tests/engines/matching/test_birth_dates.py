from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.matching.birth_dates import BirthDate, compare_birth_dates, parse_birth_date


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("19840317", BirthDate(1984, 3, 17)),
        ("1984-03-17", BirthDate(1984, 3, 17)),
        ("1984/3/7", BirthDate(1984, 3, 7)),
        ("17/03/1984", BirthDate(1984, 3, 17)),
        (" 17-3-1984 ", BirthDate(1984, 3, 17)),
        ("1984", BirthDate(1984)),
        ("", None),
        ("hace tiempo", None),
        ("17/03/84", None),
    ],
)
def test_dates_are_parsed_in_each_notation(text: str, birth: BirthDate | None) -> None:
    assert parse_birth_date(text) == birth


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("1984-03-17", "1984-03-17", "same"),
        ("1984-03-05", "1984-05-03", "day and month swapped"),
        ("1984-03-17", "1994-03-17", "one digit off"),
        ("1984-03-17", "1948-03-17", "one digit off"),
        ("1984-03-17", "1984-03-28", "same year and month"),
        ("1984-03-17", "1984", "same year"),
        ("1984-03-17", "1985-01-01", "estimated, 1 year apart"),
        ("1984-03-17", "1986-01-01", "estimated, 2 years apart"),
        ("1984-03-17", "1990-11-02", "different"),
        ("1984-03-17", "2008-11-02", "a generation apart"),
    ],
)
def test_the_reason_names_the_difference(a: str, b: str, reason: str) -> None:
    first, second = parse_birth_date(a), parse_birth_date(b)
    assert first
    assert second
    assert compare_birth_dates(first, second).reason == reason


births = st.builds(BirthDate, st.integers(1900, 2030), st.integers(0, 12), st.integers(0, 31))


@given(births, births)
def test_the_order_of_two_dates_makes_no_difference(a: BirthDate, b: BirthDate) -> None:
    assert compare_birth_dates(a, b) == compare_birth_dates(b, a)


@given(births, births)
def test_the_same_date_is_the_strongest_evidence(a: BirthDate, b: BirthDate) -> None:
    assert compare_birth_dates(a, b).stranger <= compare_birth_dates(a, a).stranger or a.is_estimate
