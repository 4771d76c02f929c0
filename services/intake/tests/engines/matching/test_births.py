from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.matching.births import Birth, evidence, parse


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("19840317", Birth(1984, 3, 17)),
        ("1984-03-17", Birth(1984, 3, 17)),
        ("1984/3/7", Birth(1984, 3, 7)),
        ("17/03/1984", Birth(1984, 3, 17)),
        (" 17-3-1984 ", Birth(1984, 3, 17)),
        ("1984", Birth(1984)),
        ("", None),
        ("hace tiempo", None),
        ("17/03/84", None),
    ],
)
def test_dates_are_read_as_they_are_written(text: str, birth: Birth | None) -> None:
    assert parse(text) == birth


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("1984-03-17", "1984-03-17", "same"),
        ("1984-03-05", "1984-05-03", "day and month swapped"),
        ("1984-03-17", "1994-03-17", "one digit off"),
        ("1984-03-17", "1948-03-17", "one digit off"),
        ("1984-03-17", "1984-03-28", "same year and month"),
        ("1984-03-17", "1984", "same year"),
        ("1984-03-17", "1985-01-01", "estimated, 1 years apart"),
        ("1984-03-17", "1990-11-02", "different"),
        ("1984-03-17", "2008-11-02", "a generation apart"),
    ],
)
def test_two_dates_are_explained(a: str, b: str, reason: str) -> None:
    first, second = parse(a), parse(b)
    assert first
    assert second
    assert evidence(first, second).reason == reason


births = st.builds(Birth, st.integers(1900, 2030), st.integers(0, 12), st.integers(0, 31))


@given(births, births)
def test_it_does_not_matter_which_date_comes_first(a: Birth, b: Birth) -> None:
    assert evidence(a, b) == evidence(b, a)


@given(births, births)
def test_no_date_speaks_more_for_one_person_than_the_same_date(a: Birth, b: Birth) -> None:
    assert evidence(a, b).stranger <= evidence(a, a).stranger or a.is_estimate
