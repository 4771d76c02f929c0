"""The interpretation of an HSDS schedule: its days, its times and its time zone. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from dateutil.rrule import weekday
from solidary.language.codes.wording import Wording

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours.intervals import Interval
from referrals.engines.opening_hours.recurrence import Frequency, Recurrence, WeekStart

DAYS: dict[str, WeekStart] = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
MIDNIGHT = time()


class InvalidSchedule(ValueError):
    """A schedule with an invalid `field`, or one that contradicts another field. `reason` is a sentence."""

    def __init__(self, field: str, es: str, en: str):
        self.field, self.reason = field, Wording(es, en)
        super().__init__(f"{field}: {en}")


@dataclass(frozen=True)
class OpeningHours:
    """One schedule: its days, and the time from `opens` to `closes` in its zone, which may pass midnight.

    `opens` and `closes` are None where the schedule names days but no times. `closed` makes it an exception, which
    removes its times, or whole days where it has none. It applies from `valid_from` to `valid_to`, both included.
    """

    days: Recurrence
    zone: tzinfo
    opens: time | None = None
    closes: time | None = None
    closed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    description: str | None = None

    @property
    def has_times(self) -> bool:
        return self.opens is not None and self.closes is not None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def days_between(self, first: date, last: date) -> Iterator[date]:
        """Return the days on which it applies, from `first` to `last`."""
        first, last = max(first, self.valid_from or first), min(last, self.valid_to or last)
        return self.days.days(first, last)

    def applies_on(self, day: date) -> bool:
        return any(True for _ in self.days_between(day, day))

    def intervals(self, first: date, last: date) -> Iterator[Interval]:
        """Yield the interval of each of its days; nothing where it has no times."""
        if self.opens is None or self.closes is None:
            return
        overnight = self.closes <= self.opens
        for day in self.days_between(first, last):
            closing_day = day + timedelta(days=1) if overnight else day
            begins, ends = self._moment(day, self.opens), self._moment(closing_day, self.closes)
            if begins < ends:
                yield begins, ends

    def _moment(self, day: date, at: time) -> datetime:
        """Return a local time in UTC (RFC 5545, 3.3.5: a repeated time is the first, a skipped one an hour later)."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def interpret_schedule(schedule: Schedule, zone: tzinfo) -> OpeningHours:
    """Return the opening hours of a schedule. Raises InvalidSchedule.

    `zone` is the time zone of the place, for a schedule that names none (docs/using/opening-hours.md).
    """
    opens, opens_in = _time(schedule, "opens_at")
    closes, closes_in = _time(schedule, "closes_at")
    own_zone = opens_in or closes_in or _offset(schedule) or zone
    if closes is not None and closes >= time(23, 59):
        closes = MIDNIGHT
    return OpeningHours(
        days=_recurrence(schedule, own_zone),
        zone=own_zone,
        opens=opens,
        closes=closes,
        closed=schedule.closed,
        valid_from=_date(schedule, "valid_from", own_zone),
        valid_to=_date(schedule, "valid_to", own_zone),
        description=schedule.description,
    )


def _recurrence(schedule: Schedule, zone: tzinfo) -> Recurrence:
    start, until = _date(schedule, "dtstart", zone), _date(schedule, "until", zone)
    weekdays, month_days = _weekdays(schedule), _numbers(schedule, "bymonthday", 31)
    frequency = _frequency(schedule, weekdays, month_days)
    valid_from, valid_to = _date(schedule, "valid_from", zone), _date(schedule, "valid_to", zone)
    if frequency is None:
        if start:
            return Recurrence("DAILY", start, count=1)
        if valid_from and valid_to:
            return Recurrence("DAILY", valid_from, valid_to)
        raise InvalidSchedule(
            "freq",
            "El horario no indica días. Añada freq, byday o dtstart.",
            "The schedule names no days. Add freq, byday or dtstart.",
        )
    anchor = start or valid_from
    interval, count = _whole_number(schedule, "interval") or 1, _whole_number(schedule, "count")
    if anchor is None and (interval > 1 or count):
        raise InvalidSchedule(
            "dtstart",
            "Este campo es necesario con interval o count.",
            "This field is required with interval or count.",
        )
    if not weekdays and not month_days:
        if start is None:
            raise InvalidSchedule("byday", "El horario no indica días.", "The schedule names no days.")
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
    """Return the frequency of a schedule or, where it names none, the one that its days imply."""
    nth = any(day.n for day in weekdays)
    implied: Frequency | None = "MONTHLY" if nth or month_days else "WEEKLY" if weekdays else None
    frequency = schedule.freq or implied
    if schedule.byyearday:
        raise _not_with("byyearday", frequency or "WEEKLY")
    if frequency == "WEEKLY" and month_days:
        raise _not_with("bymonthday", "WEEKLY")
    if frequency == "WEEKLY" and nth:
        raise InvalidSchedule(
            "byday",
            "Los días numerados (2MO) requieren MONTHLY.",
            "Numbered days (2MO) require MONTHLY.",
        )
    if frequency != "WEEKLY" and schedule.byweekno:
        raise InvalidSchedule("byweekno", "Este campo requiere WEEKLY.", "This field requires WEEKLY.")
    return frequency


_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)


def _time(schedule: Schedule, field: str) -> tuple[time | None, tzinfo | None]:
    text = getattr(schedule, field)
    if not text:
        return None, None
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        raise _is_not(field, text, "una hora (09:00, 09:00-05:00)", "a time (09:00, 09:00-05:00)")
    hour, minute, second = int(parts[1]), int(parts[2]), int(parts[3] or 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    try:
        return time(hour, minute, second), _fixed_offset(parts[4]) if parts[4] else None
    except ValueError as error:
        raise _is_not(field, text, "una hora", "a time") from error


def _fixed_offset(offset: str) -> tzinfo:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if offset[0] == "-" else size)


def _offset(schedule: Schedule) -> tzinfo | None:
    """Return the zone of the field `timezone`, which is the offset from UTC in hours."""
    if schedule.timezone is None:
        return None
    if not -12 <= schedule.timezone <= 14:
        shown = str(schedule.timezone)
        raise _is_not("timezone", shown, "una diferencia con UTC en horas", "an offset from UTC in hours")
    return timezone(timedelta(hours=schedule.timezone))


def _date(schedule: Schedule, field: str, zone: tzinfo) -> date | None:
    """Return the day of an ISO 8601 date, or of a date and time; an instant with its offset is a day in the zone."""
    text = getattr(schedule, field)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment.astimezone(zone) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError) as error:
        raise _is_not(field, text, "una fecha (2026-01-31)", "a date (2026-01-31)") from error


def _whole_number(schedule: Schedule, field: str) -> int | None:
    number = getattr(schedule, field)
    if number is None:
        return None
    if number != int(number) or not 1 <= number <= 10_000:
        raise _is_not(field, str(number), "un entero de 1 a 10.000", "a whole number from 1 to 10,000")
    return int(number)


def _numbers(schedule: Schedule, field: str, most: int) -> tuple[int, ...]:
    numbers = []
    for part in _parts(schedule, field):
        if not re.fullmatch(r"[+-]?\d{1,2}", part) or not 1 <= abs(int(part)) <= most:
            raise _is_not(
                field,
                part,
                f"un número de 1 a {most} o de -{most} a -1",
                f"a number from 1 to {most} or from -{most} to -1",
            )
        numbers.append(int(part))
    return tuple(numbers)


def _weekdays(schedule: Schedule) -> tuple[weekday, ...]:
    days = []
    for part in _parts(schedule, "byday"):
        day = re.fullmatch(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", part.upper())
        if day is None:
            raise _is_not("byday", part, "un día (MO, 2MO, -1FR)", "a day (MO, 2MO, -1FR)")
        days.append(weekday(DAYS[day[2]], int(day[1]) if day[1] else None))
    return tuple(days)


def _parts(schedule: Schedule, field: str) -> list[str]:
    text = getattr(schedule, field)
    return [part.strip() for part in text.split(",") if part.strip()] if text else []


def _is_not(field: str, text: str, es: str, en: str) -> InvalidSchedule:
    return InvalidSchedule(field, f"{text!r} no es {es}.", f"{text!r} is not {en}.")


def _not_with(field: str, frequency: str) -> InvalidSchedule:
    return InvalidSchedule(
        field,
        f"Este campo no se admite con la frecuencia {frequency} (RFC 5545).",
        f"This field is not allowed with the frequency {frequency} (RFC 5545).",
    )
