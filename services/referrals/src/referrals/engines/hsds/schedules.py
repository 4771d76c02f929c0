"""Schedules of services and locations: the fields of an iCalendar recurrence rule (RFC 5545)."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.values import Identifier, Number, Omittable, Uri

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class Schedule(Described):
    """A schedule with its dates and times as text, as in the standard; `engines.opening_hours` interprets them.

    `closed` is a field of our profile: such an entry is an exception that removes hours (docs/using/opening-hours.md).
    """

    service_id: Omittable[Identifier] = None
    location_id: Omittable[Identifier] = None
    service_at_location_id: Omittable[Identifier] = None
    valid_from: Omittable[str] = None
    valid_to: Omittable[str] = None
    dtstart: Omittable[str] = None
    timezone: Omittable[Number] = None
    until: Omittable[str] = None
    count: Omittable[Number] = None
    wkst: Omittable[Weekday] = None
    freq: Omittable[Literal["WEEKLY", "MONTHLY"]] = None
    interval: Omittable[Number] = None
    byday: Omittable[str] = None
    byweekno: Omittable[str] = None
    bymonthday: Omittable[str] = None
    byyearday: Omittable[str] = None
    description: Omittable[str] = None
    opens_at: Omittable[str] = None
    closes_at: Omittable[str] = None
    schedule_link: Omittable[Uri] = None
    attending_type: Omittable[str] = None
    notes: Omittable[str] = None
    closed: bool = False
