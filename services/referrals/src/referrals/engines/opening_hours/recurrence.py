"""The days of a schedule: the recurrence rules of RFC 5545 that HSDS uses, by python-dateutil."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY"]
WeekStart = Literal[0, 1, 2, 3, 4, 5, 6]
"""The first day of a week; Monday is 0."""

_RULE: dict[Frequency, Literal[1, 2, 3]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}


@dataclass(frozen=True)
class Recurrence:
    """The days of one schedule; `interval` and `count` count from `start`, its first possible day.

    Without `start` the rule has no beginning; then it has neither an interval above 1 nor a count.
    """

    frequency: Frequency
    start: date | None = None
    until: date | None = None
    count: int | None = None
    interval: int = 1
    week_start: WeekStart = 0
    weekdays: tuple[weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()

    def days(self, first: date, last: date) -> Iterator[date]:
        """Return the days from `first` to `last`, both included, in order."""
        until = min(last, self.until) if self.until else last
        days = self._days_from(self._beginning(first), until)
        if self.count is not None:
            days = islice(days, self.count)
        return (day for day in days if day >= first)

    def _days_from(self, start: date, until: date) -> Iterator[date]:
        """Return every day of the rule from `start`, on which one of its periods begins.

        dateutil seeks the next day up to the year 9999, which takes seconds where weekdays and month days contradict
        each other; therefore it gets the weekdays, and the month days are checked here. For `MO,1TU` it would return
        days that are both; therefore every Monday is passed as the first to the fifth Monday.
        """
        both = self.weekdays and self.month_days
        rule = rrule(
            _RULE[self.frequency],
            dtstart=datetime.combine(start, time()),
            until=datetime.combine(until, time()),
            interval=self.interval,
            wkst=self.week_start,
            byweekday=_numbered(self.weekdays) or None,
            byweekno=self.week_numbers or None,
            bymonthday=None if both else self.month_days or None,
        )
        return (moment.date() for moment in rule if not both or _is_month_day(moment, self.month_days))

    def _beginning(self, first: date) -> date:
        """Return the latest day from which the rule has the same days after `first`."""
        if self.start is None:
            return first.replace(day=1) if self.frequency == "MONTHLY" else first
        if self.count is not None or self.start >= first:
            return self.start
        if self.frequency == "MONTHLY":
            months = (first.year - self.start.year) * 12 + first.month - self.start.month
            return _month_after(self.start, months // self.interval * self.interval)
        period = timedelta(days=self.interval * (7 if self.frequency == "WEEKLY" else 1))
        return self.start + (first - self.start) // period * period


def _numbered(weekdays: tuple[weekday, ...]) -> list[weekday]:
    """Return the weekdays all with their number in the month, if one has a number."""
    if not any(day.n for day in weekdays):
        return list(weekdays)
    return [weekday(day.weekday, n) for day in weekdays for n in ([day.n] if day.n else range(1, 6))]


def _month_after(start: date, months: int) -> date:
    """Return the first day of the month that many months later; `start` itself for 0 months."""
    if not months:
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _is_month_day(day: date, month_days: tuple[int, ...]) -> bool:
    from_the_end = day.day - calendar.monthrange(day.year, day.month)[1] - 1
    return day.day in month_days or from_the_end in month_days
