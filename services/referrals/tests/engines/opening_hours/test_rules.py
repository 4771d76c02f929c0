"""Open, closed or cannot tell: cases by the clock of the place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours.rules import State, state
from referrals.engines.opening_hours.spans import joined, without

PANAMA, NEW_YORK, MADRID = ZoneInfo("America/Panama"), ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
ID = "48102e86-bb50-41c4-8f1e-e269368c41d1"
MORNING = {"opens_at": "09:00", "closes_at": "11:00"}
OFFICE = {"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "16:00"}


def asked(at: str, *entries: dict[str, Any], zone: ZoneInfo = PANAMA) -> State:
    moment = datetime.fromisoformat(at)
    schedules = [Schedule(id=ID, **entry) for entry in entries]
    return state(schedules, zone, moment if moment.tzinfo else moment.replace(tzinfo=zone))


def short(answer: State) -> tuple[bool | None, str | None, str | None]:
    """Open, until, next opening, in the place's own time."""
    until, upcoming = answer.until, answer.next_open
    return answer.open, until and f"{until:%m-%d %H:%M}", upcoming and f"{upcoming:%m-%d %H:%M}"


# 2026-01-31 is a Saturday.
@pytest.mark.parametrize(
    ("at", "entries", "answer"),
    [
        ("2026-01-30T08:00", [OFFICE], (True, "01-30 16:00", "02-02 08:00")),
        ("2026-01-30T07:59", [OFFICE], (False, None, "01-30 08:00")),
        ("2026-01-30T16:00", [OFFICE], (False, None, "02-02 08:00")),
        ("2026-01-31T10:00", [OFFICE], (False, None, "02-02 08:00")),
        # a lunch break, and hours that touch
        (
            "2026-01-30T12:30",
            [{**OFFICE, "closes_at": "12:00"}, {**OFFICE, "opens_at": "13:00"}],
            (False, None, "01-30 13:00"),
        ),
        (
            "2026-01-30T11:00",
            [{**OFFICE, "closes_at": "12:00"}, {**OFFICE, "opens_at": "12:00"}],
            (True, "01-30 16:00", "02-02 08:00"),
        ),
        # closing after midnight; both ends of it
        (
            "2026-01-31T01:59",
            [{**OFFICE, "opens_at": "20:00", "closes_at": "02:00"}],
            (True, "01-31 02:00", "02-02 20:00"),
        ),
        (
            "2026-01-31T02:00",
            [{**OFFICE, "opens_at": "20:00", "closes_at": "02:00"}],
            (False, None, "02-02 20:00"),
        ),
        ("2026-01-30T23:59", [{**OFFICE, "closes_at": "24:00"}], (True, "01-31 00:00", "02-02 08:00")),
        # around the clock, written as HSDS recommends
        (
            "2026-01-31T03:00",
            [{"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR,SA,SU", "opens_at": "00:00", "closes_at": "23:59"}],
            (True, None, None),
        ),
        # every second week from its beginning; the third Friday; the last day of the month
        (
            "2026-01-30T10:00",
            [{**OFFICE, "interval": 2, "dtstart": "2026-01-19"}],
            (False, None, "02-02 08:00"),
        ),
        (
            "2026-01-30T10:00",
            [{**OFFICE, "freq": "MONTHLY", "byday": "3FR"}],
            (False, None, "02-20 08:00"),
        ),
        (
            "2026-01-30T10:00",
            [{"bymonthday": "-1", "opens_at": "08:00", "closes_at": "16:00"}],
            (False, None, "01-31 08:00"),
        ),
        # four times and no more; until a day; one day only; every day of a validity
        ("2026-01-30T10:00", [{**OFFICE, "dtstart": "2026-01-26", "count": 4}], (False, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "until": "2026-01-29"}], (False, None, None)),
        (
            "2026-01-30T10:00",
            [{"dtstart": "2026-01-30", "opens_at": "09:30", "closes_at": "11:00"}],
            (True, "01-30 11:00", None),
        ),
        (
            "2026-01-31T10:00",
            [
                {
                    "valid_from": "2026-01-30",
                    "valid_to": "2026-02-01",
                    "opens_at": "09:00",
                    "closes_at": "11:00",
                }
            ],
            (True, "01-31 11:00", "02-01 09:00"),
        ),
        # exceptions: a day off, a day's end, a night that has begun, a holiday every month
        (
            "2026-01-30T10:00",
            [OFFICE, {"dtstart": "2026-01-30", "closed": True}],
            (False, None, "02-02 08:00"),
        ),
        (
            "2026-01-30T10:00",
            [OFFICE, {"dtstart": "2026-01-30", "opens_at": "11:00", "closes_at": "23:59", "closed": True}],
            (True, "01-30 11:00", "02-02 08:00"),
        ),
        (
            "2026-01-31T01:00",
            [
                {**OFFICE, "opens_at": "20:00", "closes_at": "02:00"},
                {"dtstart": "2026-01-31", "closed": True},
            ],
            (True, "01-31 02:00", "02-02 20:00"),
        ),
        (
            "2026-01-30T10:00",
            [OFFICE, {"valid_from": "2026-01-30", "valid_to": "2026-02-08", "closed": True}],
            (False, None, "02-09 08:00"),
        ),
        # the clock: an offset in the time wins over one in the schedule, and that over the place's
        ("2026-01-30T13:00Z", [OFFICE], (True, "01-30 16:00", "02-02 08:00")),
        ("2026-01-30T08:30Z", [{**OFFICE, "timezone": 0}], (True, "01-30 11:00", "02-02 03:00")),
        (
            "2026-01-30T08:30Z",
            [{**OFFICE, "timezone": 9, "opens_at": "08:00Z", "closes_at": "16:00Z"}],
            (True, "01-30 11:00", "02-02 03:00"),
        ),
        ("2026-01-30T02:45Z", [{**OFFICE, "timezone": 5.5}], (True, "01-30 05:30", "02-01 21:30")),
        # cannot tell: nothing published, not valid any more or yet, hours not stated, unreadable
        ("2026-01-30T10:00", [], (None, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "valid_to": "2025-12-31"}], (None, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "valid_from": "2026-02-01"}], (None, None, "02-02 08:00")),
        ("2026-01-30T10:00", [{"byday": "FR"}], (None, None, None)),
        ("2026-01-31T10:00", [{"byday": "FR"}], (False, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "opens_at": "8am"}], (None, None, None)),
        # an unreadable schedule matters only where it might change the answer
        ("2026-01-30T10:00", [OFFICE, {"opens_at": "8am"}], (True, "01-30 16:00", "02-02 08:00")),
        ("2026-01-31T10:00", [OFFICE, {"opens_at": "8am"}], (None, None, "02-02 08:00")),
        ("2026-01-30T10:00", [OFFICE, {"closed": True}], (None, "01-30 16:00", "02-02 08:00")),
        ("2026-01-31T10:00", [OFFICE, {"closed": True}], (False, None, "02-02 08:00")),
    ],
)
def test_a_place_is_open_closed_or_cannot_be_told(
    at: str, entries: list[dict[str, Any]], answer: tuple[bool | None, str | None, str | None]
) -> None:
    assert short(asked(at, *entries)) == answer


NIGHT = {"freq": "WEEKLY", "byday": "SA,SU", "opens_at": "01:30", "closes_at": "02:30"}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        # 2026-11-01, New York: 01:30 comes twice; the first is meant, and 02:30 is two hours later.
        ("2026-11-01T01:29:00-04:00", False),
        ("2026-11-01T01:30:00-04:00", True),
        ("2026-11-01T01:30:00-05:00", True),
        ("2026-11-01T02:29:00-05:00", True),
        ("2026-11-01T02:30:00-05:00", False),
        # 2026-03-08: 02:30 does not exist; it is 03:30 of the new time.
        ("2026-03-08T01:30:00-05:00", True),
        ("2026-03-08T03:29:00-04:00", True),
        ("2026-03-08T03:30:00-04:00", False),
    ],
)
def test_clocks_that_change_are_read_as_rfc_5545_says(at: str, is_open: bool) -> None:
    assert asked(at, NIGHT, zone=NEW_YORK).open is is_open


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
def test_a_place_opens_at_the_same_wall_clock_before_and_after_a_change(day: str) -> None:
    daily = {"freq": "WEEKLY", "byday": "SA,SU", "opens_at": "09:00", "closes_at": "17:00"}
    answer = asked(f"{day}T08:59", daily, zone=MADRID)
    assert answer.next_open == datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=MADRID)
    assert asked(f"{day}T09:00", daily, zone=MADRID).open


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({**OFFICE, "byday": "MO,XX"}, "byday"),
        ({**OFFICE, "byday": "2MO"}, "byday"),
        ({**OFFICE, "freq": "MONTHLY", "byday": "6MO"}, "byday"),
        ({**OFFICE, "bymonthday": "2"}, "bymonthday"),
        ({**OFFICE, "freq": "MONTHLY", "bymonthday": "0"}, "bymonthday"),
        ({**OFFICE, "freq": "MONTHLY", "byweekno": "2"}, "byweekno"),
        ({**OFFICE, "byweekno": "54"}, "byweekno"),
        ({**OFFICE, "byyearday": "2"}, "byyearday"),
        ({**OFFICE, "interval": 0}, "interval"),
        ({**OFFICE, "interval": 1.5, "dtstart": "2026-01-01"}, "interval"),
        ({**OFFICE, "interval": 2}, "dtstart"),
        ({**OFFICE, "count": 2}, "dtstart"),
        ({**OFFICE, "dtstart": "31/01/2026"}, "dtstart"),
        ({**OFFICE, "valid_to": "soon"}, "valid_to"),
        ({**OFFICE, "closes_at": "25:00"}, "closes_at"),
        ({**OFFICE, "closes_at": "16:00+99:00"}, "closes_at"),
        ({**OFFICE, "timezone": 300}, "timezone"),
        ({"freq": "WEEKLY", "opens_at": "08:00", "closes_at": "16:00"}, "byday"),
        ({"opens_at": "08:00", "closes_at": "16:00"}, "freq"),
    ],
)
def test_what_cannot_be_read_is_named_and_never_guessed(entry: dict[str, Any], field: str) -> None:
    answer = asked("2026-01-30T10:00", entry)
    assert answer.open is None
    assert f"({field}: " in answer.reason.en
    assert f"({field}: " in answer.reason.es


@pytest.mark.parametrize(
    ("at", "entries", "es", "en"),
    [
        ("2026-01-30T10:00", [OFFICE], "abierto hasta las 16:00", "open until 16:00"),
        (
            "2026-01-31T10:00",
            [OFFICE],
            "cerrado; abre el 2026-02-02 a las 08:00",
            "closed; opens on 2026-02-02 at 08:00",
        ),
        (
            "2026-01-30T10:00",
            [OFFICE, {"dtstart": "2026-01-30", "closed": True, "description": "Feriado"}],
            "cerrado (Feriado); abre el 2026-02-02 a las 08:00",
            "closed (Feriado); opens on 2026-02-02 at 08:00",
        ),
        (
            "2026-01-30T10:00",
            [{**OFFICE, "valid_to": "2025-12-31"}],
            "no se sabe: los horarios publicados valen hasta el 2025-12-31; pregunte antes de ir",
            "cannot tell: the published hours are valid until 2025-12-31; ask before going",
        ),
    ],
)
def test_the_answer_says_why_in_spanish_and_english(
    at: str, entries: list[dict[str, Any]], es: str, en: str
) -> None:
    reason = asked(at, *entries).reason
    assert (reason.es, reason.en) == (es, en)


DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
TIMES = st.times().map(lambda time: f"{time:%H:%M}")
ENTRIES = st.fixed_dictionaries(
    {"byday": DAYS.map(",".join), "opens_at": TIMES, "closes_at": TIMES, "closed": st.booleans()}
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(NEW_YORK))


@given(entries=st.lists(ENTRIES, max_size=4), at=MOMENTS)
@settings(deadline=None)
def test_it_is_open_from_its_next_opening_and_not_before(entries: list[dict[str, Any]], at: datetime) -> None:
    answer = asked(at.isoformat(), *entries, zone=NEW_YORK)
    minute = timedelta(minutes=1)
    if answer.next_open:
        assert answer.next_open > at
        assert asked(answer.next_open.isoformat(), *entries, zone=NEW_YORK).open
        if not answer.open:
            before = (answer.next_open.astimezone(ZoneInfo("UTC")) - minute).isoformat()
            assert not asked(before, *entries, zone=NEW_YORK).open
    if answer.until:
        assert not asked(answer.until.isoformat(), *entries, zone=NEW_YORK).open


@given(
    spans=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
    taken=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
)
def test_joining_and_cutting_spans_keeps_exactly_the_times_left(
    spans: list[tuple[int, int]], taken: list[tuple[int, int]]
) -> None:
    def span(begin: int, length: int) -> tuple[datetime, datetime]:
        zero = datetime(2026, 1, 1)
        return zero + timedelta(hours=begin), zero + timedelta(hours=begin + length)

    def hours(pairs: list[tuple[int, int]]) -> set[int]:
        return {hour for begin, length in pairs for hour in range(begin, begin + length)}

    left = without(joined(span(*pair) for pair in spans), [span(*pair) for pair in taken])
    zero = datetime(2026, 1, 1)
    expected = hours(spans) - hours(taken)
    assert {h for h in range(70) if any(b <= zero + timedelta(hours=h) < e for b, e in left)} == expected
    assert left == sorted(left)
