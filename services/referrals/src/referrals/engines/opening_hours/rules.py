"""Is it open, until when, and when does it open next? Pure: schedules and a moment in, an answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from solidary.language.codes.wording import Wording

from referrals.engines.hsds.schedules import Schedule
from referrals.engines.opening_hours import wordings
from referrals.engines.opening_hours.schedule import Hours, Unreadable, read
from referrals.engines.opening_hours.spans import Span, joined, without

DAY = timedelta(days=1)
LOOK_AHEAD = (10 * DAY, 70 * DAY, wordings.HORIZON)
"""How far the next opening is looked for, in widening steps."""


@dataclass(frozen=True)
class State:
    """What a place is `at` a moment; all times by its own clock. `open` is None where it cannot be told.

    `until` is when it closes (None where it does not within days), `next_open` the first opening after that
    or, where it is not open now, after this moment (None where there is none within `HORIZON`).
    """

    at: datetime
    open: bool | None
    until: datetime | None
    next_open: datetime | None
    reason: Wording


def state(schedules: Sequence[Schedule], zone: tzinfo, at: datetime) -> State:
    """What a place with these schedules is at a moment (which has its time zone).

    `zone` is the clock of the place: for schedules that name none, and for the answer. Hours that overlap
    are joined, exceptions (`closed`) taken away. A schedule that cannot be read makes the answer "cannot
    tell" where it might change it, and so does a day of which no schedule is valid.
    """
    return _Timetable(schedules, zone).at(at)


class _Timetable:
    """The schedules of one place, read."""

    def __init__(self, schedules: Sequence[Schedule], zone: tzinfo):
        self.zone = zone
        self.hours: list[Hours] = []
        self.unreadable: list[tuple[Schedule, Unreadable]] = []
        for schedule in schedules:
            try:
                self.hours.append(read(schedule, zone))
            except Unreadable as error:
                self.unreadable.append((schedule, error))

    def at(self, at: datetime) -> State:
        now, upcoming = None, None
        for ahead in LOOK_AHEAD:
            spans = self.spans(at, ahead)
            now = next((span for span in spans if span[0] <= at < span[1]), None)
            upcoming = next((begins.astimezone(self.zone) for begins, _ in spans if begins > at), None)
            if upcoming:
                break
        until = now[1].astimezone(self.zone) if now and now[1] < at + LOOK_AHEAD[0] else None
        local = at.astimezone(self.zone)
        today = local.date()
        if doubt := self.doubt(today, is_open=now is not None):
            return State(local, None, until, upcoming, doubt)
        if now:
            return State(local, True, until, upcoming, wordings.open_until(today, until))
        return State(local, False, None, upcoming, wordings.closed(upcoming, self.day_off(today)))

    def spans(self, at: datetime, ahead: timedelta) -> list[Span]:
        """The times of opening, from those that began before `at`."""
        today = at.astimezone(self.zone).date()
        first, last = today - 2 * DAY, today + ahead
        opened: list[Span] = []
        taken: list[Span] = []
        days_off: set[date] = set()
        for hours in self.hours:
            if not hours.closed:
                opened.extend(hours.spans(first, last))
            elif hours.stated:
                taken.extend(hours.spans(first - DAY, last + DAY))
            else:
                days_off.update(hours.on(first - DAY, last + DAY))
        kept = [span for span in opened if span[0].astimezone(self.zone).date() not in days_off]
        return without(joined(kept), taken)

    def day_off(self, day: date) -> Hours | None:
        """The exception that closes the whole day."""
        whole = (hours for hours in self.hours if hours.closed and not hours.stated)
        return next((hours for hours in whole if hours.is_on(day)), None)

    def doubt(self, day: date, *, is_open: bool) -> Wording | None:
        """Why it cannot be told whether it is open, if it cannot."""
        for schedule, error in self.unreadable:
            if schedule.closed == is_open:
                return wordings.unreadable(schedule.id, error)
        if is_open or self.day_off(day):
            return None
        if not self.hours:
            return wordings.NOTHING_PUBLISHED
        if not any(hours.speaks_of(day) for hours in self.hours):
            ended = (hours.valid_to for hours in self.hours if hours.valid_to and hours.valid_to < day)
            return wordings.not_valid(max(ended, default=None))
        vague = (hours for hours in self.hours if not hours.stated and not hours.closed)
        return wordings.HOURS_NOT_STATED if any(hours.is_on(day) for hours in vague) else None
