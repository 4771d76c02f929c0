"""An HSDS schedule, read: its days, its hours, its clock. What cannot be read is said, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from dateutil.rrule import weekday
from solidary.language.codes.wording import Wording

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours.recurrence import Frequency, Recurrence, WeekStart

DAYS: dict[str, WeekStart] = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
MIDNIGHT = time()


class Unreadable(ValueError):
    """A schedule whose `field` says something that cannot be understood or does not go with the rest."""

    def __init__(self, field: str, es: str, en: str):
        self.field = field
        self.reason = Wording(f"{field}: {es}", f"{field}: {en}")
        super().__init__(self.reason.en)


@dataclass(frozen=True)
class Hours:
    """One schedule: on these days, from `opens` to `closes` by its clock (closing may be after midnight).

    `opens` and `closes` are None where the schedule names days but no hours. `closed` makes it an exception:
    it takes hours away, whole days where it names none. Outside `valid_from`…`valid_to` it says nothing.
    """

    days: Recurrence
    zone: tzinfo
    opens: time | None = None
    closes: time | None = None
    closed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    note: str | None = None

    @property
    def stated(self) -> bool:
        return self.opens is not None and self.closes is not None

    def speaks_of(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def on(self, first: date, last: date) -> Iterator[date]:
        """The days on which it applies, from `first` to `last`."""
        first, last = max(first, self.valid_from or first), min(last, self.valid_to or last)
        return self.days.days(first, last)

    def is_on(self, day: date) -> bool:
        return any(True for _ in self.on(day, day))

    def spans(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        """From when to when, in UTC, for each of its days. Empty where no hours are stated."""
        if self.opens is None or self.closes is None:
            return
        overnight = self.closes <= self.opens
        for day in self.on(first, last):
            closing_day = day + timedelta(days=1) if overnight else day
            begins, ends = self._moment(day, self.opens), self._moment(closing_day, self.closes)
            if begins < ends:
                yield begins, ends

    def _moment(self, day: date, at: time) -> datetime:
        """RFC 5545, 3.3.5: a time that comes twice is the first one; one that is skipped comes an hour on."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def read(schedule: Schedule, zone: tzinfo) -> Hours:
    """`zone` is the clock of the place, for a schedule that names none (docs/using/opening-hours.md).

    Raises Unreadable.
    """
    opens, opens_in = _time(schedule, "opens_at")
    closes, closes_in = _time(schedule, "closes_at")
    if closes is not None and closes >= time(23, 59):
        closes = MIDNIGHT
    return Hours(
        days=_recurrence(schedule),
        zone=opens_in or closes_in or _offset(schedule) or zone,
        opens=opens,
        closes=closes,
        closed=schedule.closed,
        valid_from=_date(schedule, "valid_from"),
        valid_to=_date(schedule, "valid_to"),
        note=schedule.description,
    )


def _recurrence(schedule: Schedule) -> Recurrence:
    start, until = _date(schedule, "dtstart"), _date(schedule, "until")
    weekdays, month_days = _weekdays(schedule), _numbers(schedule, "bymonthday", 31)
    frequency = _frequency(schedule, weekdays, month_days)
    valid_from, valid_to = _date(schedule, "valid_from"), _date(schedule, "valid_to")
    if frequency is None:
        if start:
            return Recurrence("DAILY", start, count=1)
        if valid_from and valid_to:
            return Recurrence("DAILY", valid_from, valid_to)
        raise Unreadable(
            "freq", "no dice qué días (ni freq, ni byday, ni dtstart)", "says no day (freq, byday or dtstart)"
        )
    anchor = start or valid_from
    interval, count = _whole(schedule, "interval") or 1, _whole(schedule, "count")
    if anchor is None and (interval > 1 or count):
        raise Unreadable("dtstart", "hace falta para contar desde ahí", "is needed to count from")
    if not weekdays and not month_days:
        if start is None:
            raise Unreadable("byday", "no dice qué días", "says no day")
        weekdays = (weekday(start.weekday()),) if frequency == "WEEKLY" else ()
        month_days = (start.day,) if frequency == "MONTHLY" else ()
    return Recurrence(
        frequency,
        start=anchor,
        until=until,
        count=count,
        interval=interval,
        week_start=DAYS[schedule.wkst or "MO"],
        weekdays=weekdays,
        month_days=month_days,
        week_numbers=_numbers(schedule, "byweekno", 53),
    )


def _frequency(
    schedule: Schedule, weekdays: tuple[weekday, ...], month_days: tuple[int, ...]
) -> Frequency | None:
    """The frequency named or, where none is, the one that the days imply."""
    nth = any(day.n for day in weekdays)
    implied: Frequency | None = "MONTHLY" if nth or month_days else "WEEKLY" if weekdays else None
    frequency = schedule.freq or implied
    if schedule.byyearday:
        raise Unreadable(
            "byyearday", f"no va con {frequency} (RFC 5545)", f"does not go with {frequency} (RFC 5545)"
        )
    if frequency == "WEEKLY" and month_days:
        raise Unreadable("bymonthday", "no va con WEEKLY (RFC 5545)", "does not go with WEEKLY (RFC 5545)")
    if frequency == "WEEKLY" and nth:
        raise Unreadable("byday", "solo MONTHLY numera sus días", "only MONTHLY numbers its days")
    if frequency != "WEEKLY" and schedule.byweekno:
        raise Unreadable("byweekno", "solo va con WEEKLY", "goes with WEEKLY only")
    return frequency


_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)


def _time(schedule: Schedule, field: str) -> tuple[time | None, tzinfo | None]:
    text = getattr(schedule, field)
    if not text:
        return None, None
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        raise _is_no(field, text, "hora (09:00, 09:00-05:00)", "time (09:00, 09:00-05:00)")
    hour, minute, second = int(parts[1]), int(parts[2]), int(parts[3] or 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    try:
        return time(hour, minute, second), _fixed(parts[4]) if parts[4] else None
    except ValueError as error:
        raise _is_no(field, text, "hora", "time") from error


def _fixed(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if offset[0] == "-" else size)


def _offset(schedule: Schedule) -> tzinfo | None:
    """HSDS `timezone`: the offset from UTC, in hours."""
    if schedule.timezone is None:
        return None
    if not -12 <= schedule.timezone <= 14:
        shown = str(schedule.timezone)
        raise _is_no("timezone", shown, "diferencia con UTC en horas", "offset from UTC in hours")
    return timezone(timedelta(hours=schedule.timezone))


def _date(schedule: Schedule, field: str) -> date | None:
    """The day of an ISO 8601 date, or of a date and time."""
    text = getattr(schedule, field)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError as error:
        raise _is_no(field, text, "fecha (2026-01-31)", "date (2026-01-31)") from error


def _whole(schedule: Schedule, field: str) -> int | None:
    number = getattr(schedule, field)
    if number is None:
        return None
    if number != int(number) or not 1 <= number <= 10_000:
        raise _is_no(field, str(number), "entero de 1 a 10.000", "whole number from 1 to 10,000")
    return int(number)


def _numbers(schedule: Schedule, field: str, most: int) -> tuple[int, ...]:
    numbers = []
    for part in _parts(schedule, field):
        if not re.fullmatch(r"[+-]?\d{1,2}", part) or not 1 <= abs(int(part)) <= most:
            raise _is_no(
                field, part, f"número de 1 a {most}, o negativo", f"number from 1 to {most}, or minus"
            )
        numbers.append(int(part))
    return tuple(numbers)


def _weekdays(schedule: Schedule) -> tuple[weekday, ...]:
    days = []
    for part in _parts(schedule, "byday"):
        day = re.fullmatch(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", part.upper())
        if day is None:
            raise _is_no("byday", part, "día (MO, 2MO, -1FR)", "day (MO, 2MO, -1FR)")
        days.append(weekday(DAYS[day[2]], int(day[1]) if day[1] else None))
    return tuple(days)


def _parts(schedule: Schedule, field: str) -> list[str]:
    text = getattr(schedule, field)
    return [part.strip() for part in text.split(",") if part.strip()] if text else []


def _is_no(field: str, text: str, es: str, en: str) -> Unreadable:
    return Unreadable(field, f"{text!r} no es {es}", f"{text!r} is no {en}")
