"""The state of a place: open, closed or unknown, in its own time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours.intervals import merge, subtract
from referrals.engines.opening_hours.rules import OpeningState, opening_state

PANAMA, NEW_YORK, MADRID = ZoneInfo("America/Panama"), ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
ID = "48102e86-bb50-41c4-8f1e-e269368c41d1"
MORNING = {"opens_at": "09:00", "closes_at": "11:00"}
OFFICE = {"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "08:00", "closes_at": "16:00"}


def state_at(at: str, *entries: dict[str, Any], zone: ZoneInfo = PANAMA) -> OpeningState:
    moment = datetime.fromisoformat(at)
    schedules = [Schedule(id=ID, **entry) for entry in entries]
    return opening_state(schedules, zone, moment if moment.tzinfo else moment.replace(tzinfo=zone))


def short(state: OpeningState) -> tuple[bool | None, str | None, str | None]:
    """Return whether it is open, until when, and the next opening, in the place's own time."""
    until, upcoming = state.until, state.next_open
    return state.is_open, until and f"{until:%m-%d %H:%M}", upcoming and f"{upcoming:%m-%d %H:%M}"


# 2026-01-31 is a Saturday.
@pytest.mark.parametrize(
    ("at", "entries", "expected"),
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
        # closing after midnight, before and after the end
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
        # an instant is a day at the place: the end of 29 January, and of 30 January, in Panama
        ("2026-01-30T10:00", [{**OFFICE, "until": "2026-01-30T04:59:59Z"}], (False, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "until": "2026-01-31T04:59:59Z"}], (True, "01-30 16:00", None)),
        ("2026-01-30T10:00", [{**OFFICE, "valid_to": "2026-01-30T04:59:59+00:00"}], (None, None, None)),
        (
            "2026-01-30T10:00",
            [{**OFFICE, "valid_from": "2026-01-31T03:00:00Z"}],
            (True, "01-30 16:00", "02-02 08:00"),
        ),
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
        # an offset in the time comes before one in the schedule, and that before the zone of the place
        ("2026-01-30T13:00Z", [OFFICE], (True, "01-30 16:00", "02-02 08:00")),
        ("2026-01-30T08:30Z", [{**OFFICE, "timezone": 0}], (True, "01-30 11:00", "02-02 03:00")),
        (
            "2026-01-30T08:30Z",
            [{**OFFICE, "timezone": 9, "opens_at": "08:00Z", "closes_at": "16:00Z"}],
            (True, "01-30 11:00", "02-02 03:00"),
        ),
        ("2026-01-30T02:45Z", [{**OFFICE, "timezone": 5.5}], (True, "01-30 05:30", "02-01 21:30")),
        # unknown: nothing published, not valid any more or not yet, no times, an invalid field
        ("2026-01-30T10:00", [], (None, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "valid_to": "2025-12-31"}], (None, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "valid_from": "2026-02-01"}], (None, None, "02-02 08:00")),
        ("2026-01-30T10:00", [{"byday": "FR"}], (None, None, None)),
        ("2026-01-31T10:00", [{"byday": "FR"}], (False, None, None)),
        ("2026-01-30T10:00", [{**OFFICE, "opens_at": "8am"}], (None, None, None)),
        # an invalid schedule matters only where it might change the state
        ("2026-01-30T10:00", [OFFICE, {"opens_at": "8am"}], (True, "01-30 16:00", "02-02 08:00")),
        ("2026-01-31T10:00", [OFFICE, {"opens_at": "8am"}], (None, None, "02-02 08:00")),
        ("2026-01-30T10:00", [OFFICE, {"closed": True}], (None, "01-30 16:00", "02-02 08:00")),
        ("2026-01-31T10:00", [OFFICE, {"closed": True}], (False, None, "02-02 08:00")),
    ],
)
def test_place_is_open_closed_or_unknown(
    at: str, entries: list[dict[str, Any]], expected: tuple[bool | None, str | None, str | None]
) -> None:
    assert short(state_at(at, *entries)) == expected


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
def test_changes_of_the_clock_follow_rfc_5545(at: str, is_open: bool) -> None:
    assert state_at(at, NIGHT, zone=NEW_YORK).is_open is is_open


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
def test_place_opens_at_the_same_local_time_before_and_after_a_change(day: str) -> None:
    daily = {"freq": "WEEKLY", "byday": "SA,SU", "opens_at": "09:00", "closes_at": "17:00"}
    state = state_at(f"{day}T08:59", daily, zone=MADRID)
    assert state.next_open == datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=MADRID)
    assert state_at(f"{day}T09:00", daily, zone=MADRID).is_open


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
def test_invalid_field_is_named_and_never_guessed(entry: dict[str, Any], field: str) -> None:
    state = state_at("2026-01-30T10:00", entry)
    assert state.is_open is None
    assert f"the field {field} of schedule" in state.reason.en
    assert f"el campo {field} del horario" in state.reason.es


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
            "unknown: the published hours were valid until 2025-12-31; ask before going",
        ),
    ],
)
def test_state_has_its_reason_in_spanish_and_english(
    at: str, entries: list[dict[str, Any]], es: str, en: str
) -> None:
    reason = state_at(at, *entries).reason
    assert (reason.es, reason.en) == (es, en)


DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
TIMES = st.times().map(lambda time: f"{time:%H:%M}")
ENTRIES = st.fixed_dictionaries(
    {"byday": DAYS.map(",".join), "opens_at": TIMES, "closes_at": TIMES, "closed": st.booleans()}
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(NEW_YORK))


@given(entries=st.lists(ENTRIES, max_size=4), at=MOMENTS)
@settings(deadline=None)
def test_place_is_open_from_its_next_opening_and_not_before(
    entries: list[dict[str, Any]], at: datetime
) -> None:
    state = state_at(at.isoformat(), *entries, zone=NEW_YORK)
    minute = timedelta(minutes=1)
    if state.next_open:
        assert state.next_open > at
        assert state_at(state.next_open.isoformat(), *entries, zone=NEW_YORK).is_open
        if not state.is_open:
            before = (state.next_open.astimezone(ZoneInfo("UTC")) - minute).isoformat()
            assert not state_at(before, *entries, zone=NEW_YORK).is_open
    if state.until:
        assert not state_at(state.until.isoformat(), *entries, zone=NEW_YORK).is_open


@given(
    intervals=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
    removed=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
)
def test_merging_and_subtracting_keeps_exactly_the_remaining_times(
    intervals: list[tuple[int, int]], removed: list[tuple[int, int]]
) -> None:
    def interval(begin: int, length: int) -> tuple[datetime, datetime]:
        zero = datetime(2026, 1, 1)
        return zero + timedelta(hours=begin), zero + timedelta(hours=begin + length)

    def hours(pairs: list[tuple[int, int]]) -> set[int]:
        return {hour for begin, length in pairs for hour in range(begin, begin + length)}

    rest = subtract(merge(interval(*pair) for pair in intervals), [interval(*pair) for pair in removed])
    zero = datetime(2026, 1, 1)
    expected = hours(intervals) - hours(removed)
    assert {h for h in range(70) if any(b <= zero + timedelta(hours=h) < e for b, e in rest)} == expected
    assert rest == sorted(rest)
