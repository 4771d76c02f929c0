"""The state of a place at a moment: open until when, or closed until when, by the schedules that it publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from solidary.language.codes.wording import Wording

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours import wordings
from referrals.engines.opening_hours.intervals import Interval, merge, subtract
from referrals.engines.opening_hours.schedule import InvalidSchedule, OpeningHours, interpret_schedule

DAY = timedelta(days=1)
LOOK_AHEAD = (10 * DAY, 70 * DAY, wordings.HORIZON)
"""The periods in which the next opening is sought, one after the other."""


@dataclass(frozen=True)
class OpeningState:
    """The state of a place `at` a moment; all times are in its own time zone. `is_open` is None where it is unknown.

    `until` is when it closes (None where it stays open for days), `next_open` its next opening after that or, where
    it is not open now, after this moment (None where there is none within `HORIZON`).
    """

    at: datetime
    is_open: bool | None
    until: datetime | None
    next_open: datetime | None
    reason: Wording


def opening_state(schedules: Sequence[Schedule], zone: tzinfo, at: datetime) -> OpeningState:
    """Return the state of a place with these schedules at a moment, which has its time zone.

    `zone` is the time zone of the place: for schedules that name none, and for the result. Hours that overlap are
    merged, exceptions (`closed`) removed. The state is unknown where an invalid schedule might change it, and on a
    day for which no schedule is valid.
    """
    return _Timetable(schedules, zone).state_at(at)


class _Timetable:
    """The interpreted schedules of one place."""

    def __init__(self, schedules: Sequence[Schedule], zone: tzinfo):
        self.zone = zone
        self.hours: list[OpeningHours] = []
        self.invalid: list[tuple[Schedule, InvalidSchedule]] = []
        for schedule in schedules:
            try:
                self.hours.append(interpret_schedule(schedule, zone))
            except InvalidSchedule as error:
                self.invalid.append((schedule, error))

    def state_at(self, at: datetime) -> OpeningState:
        current, upcoming = None, None
        for ahead in LOOK_AHEAD:
            intervals = self.intervals(at, ahead)
            current = next((each for each in intervals if each[0] <= at < each[1]), None)
            upcoming = next((begins.astimezone(self.zone) for begins, _ in intervals if begins > at), None)
            if upcoming:
                break
        until = current[1].astimezone(self.zone) if current and current[1] < at + LOOK_AHEAD[0] else None
        local = at.astimezone(self.zone)
        today = local.date()
        if doubt := self.doubt(today, is_open=current is not None):
            return OpeningState(local, None, until, upcoming, doubt)
        if current:
            return OpeningState(local, True, until, upcoming, wordings.open_until(today, until))
        reason = wordings.closed(upcoming, self.day_off(today))
        return OpeningState(local, False, None, upcoming, reason)

    def intervals(self, at: datetime, ahead: timedelta) -> list[Interval]:
        """Return the opening times, from those that began before `at`."""
        today = at.astimezone(self.zone).date()
        first, last = today - 2 * DAY, today + ahead
        opened: list[Interval] = []
        removed: list[Interval] = []
        days_off: set[date] = set()
        for hours in self.hours:
            if not hours.closed:
                opened.extend(hours.intervals(first, last))
            elif hours.has_times:
                removed.extend(hours.intervals(first - DAY, last + DAY))
            else:
                days_off.update(hours.days_between(first - DAY, last + DAY))
        kept = [each for each in opened if each[0].astimezone(self.zone).date() not in days_off]
        return subtract(merge(kept), removed)

    def day_off(self, day: date) -> OpeningHours | None:
        """Return the exception that closes the place for the whole day."""
        whole_days = (hours for hours in self.hours if hours.closed and not hours.has_times)
        return next((hours for hours in whole_days if hours.applies_on(day)), None)

    def doubt(self, day: date, *, is_open: bool) -> Wording | None:
        """Return the reason for which the state is unknown, or None where it is known."""
        for schedule, error in self.invalid:
            if schedule.closed == is_open:
                return wordings.invalid_schedule(schedule.id, error)
        if is_open or self.day_off(day):
            return None
        if not self.hours:
            return wordings.NO_HOURS_PUBLISHED
        if not any(hours.is_valid_on(day) for hours in self.hours):
            ended = (hours.valid_to for hours in self.hours if hours.valid_to and hours.valid_to < day)
            return wordings.not_valid(max(ended, default=None))
        without_times = (hours for hours in self.hours if not hours.has_times and not hours.closed)
        return wordings.NO_TIMES_STATED if any(hours.applies_on(day) for hours in without_times) else None
