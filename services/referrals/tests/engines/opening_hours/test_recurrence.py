"""The days of a recurrence, compared with a calendar that is walked day by day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from dateutil.rrule import weekday
from hypothesis import given
from hypothesis import strategies as st
from referrals.engines.opening_hours.recurrence import Recurrence

DAY = timedelta(days=1)
START = date(2024, 1, 1)


def walked(rule: Recurrence, last: date) -> Iterator[date]:
    """Yield each matching day from the start, one by one, as RFC 5545 defines it."""
    assert rule.start
    day, number = rule.start, 0
    while day <= min(last, rule.until or last) and number != rule.count:
        if in_period(rule, day) and matches(rule, day):
            number += 1
            yield day
        day += DAY


def in_period(rule: Recurrence, day: date) -> bool:
    assert rule.start
    if rule.frequency == "MONTHLY":
        periods = (day.year - rule.start.year) * 12 + day.month - rule.start.month
    else:
        periods = (week_begin(day, rule.week_start) - week_begin(rule.start, rule.week_start)).days // 7
    return periods % rule.interval == 0


def week_begin(day: date, week_start: int) -> date:
    return day - DAY * ((day.weekday() - week_start) % 7)


def matches(rule: Recurrence, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    nth, nth_last = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
    on_weekday = any(
        day.weekday() == each.weekday and each.n in (None, nth, nth_last) for each in rule.weekdays
    )
    on_month_day = day.day in rule.month_days or day.day - length - 1 in rule.month_days
    return (on_weekday or not rule.weekdays) and (on_month_day or not rule.month_days)


NTHS = st.sampled_from([None, 1, 2, 3, 4, 5, -1, -2])
NUMBERED = st.lists(st.builds(weekday, st.integers(0, 6), NTHS), min_size=1, max_size=2).map(tuple)
MONTH_DAYS = st.lists(st.sampled_from([*range(1, 32), *range(-31, 0)]), min_size=1, max_size=9).map(tuple)
STARTS = st.dates(START - 400 * DAY, START + 400 * DAY)
COMMON = {
    "start": STARTS,
    "until": st.none() | st.dates(START, START + 400 * DAY),
    "count": st.none() | st.integers(1, 40),
    "interval": st.integers(1, 5),
}
WEEKLY = st.builds(
    Recurrence,
    st.just("WEEKLY"),
    **COMMON,
    week_start=st.integers(0, 6),
    weekdays=st.lists(st.integers(0, 6).map(weekday), min_size=1, unique=True).map(tuple),
)
BY_MONTH_DAY = st.builds(
    Recurrence, st.just("MONTHLY"), **COMMON, weekdays=st.just(()) | NUMBERED, month_days=MONTH_DAYS
)
BY_WEEKDAY = st.builds(Recurrence, st.just("MONTHLY"), **COMMON, weekdays=NUMBERED)


@given(rule=WEEKLY | BY_MONTH_DAY | BY_WEEKDAY, first=STARTS, length=st.integers(0, 200))
def test_recurrence_has_the_days_of_the_walked_calendar(rule: Recurrence, first: date, length: int) -> None:
    last = first + length * DAY
    assert list(rule.days(first, last)) == [day for day in walked(rule, last) if day >= first]


@pytest.mark.parametrize(
    "rule",
    [
        Recurrence("MONTHLY", START, weekdays=(weekday(0, 1),), month_days=(20,)),
        Recurrence("MONTHLY", date(2024, 2, 1), interval=12, month_days=(30,)),
        Recurrence("WEEKLY", START, until=date(2023, 1, 1), weekdays=(weekday(0),)),
    ],
)
def test_recurrence_without_matching_day_is_empty(rule: Recurrence) -> None:
    assert list(rule.days(START, START + 400 * DAY)) == []


def test_week_numbers_select_weeks_of_the_year() -> None:
    rule = Recurrence("WEEKLY", weekdays=(weekday(2),), week_numbers=(1, 10))
    assert list(rule.days(START, date(2024, 12, 31))) == [date(2024, 1, 3), date(2024, 3, 6)]
