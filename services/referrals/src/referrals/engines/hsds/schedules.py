"""When a service or a place is open, as HSDS writes it: the fields of an iCalendar rule (RFC 5545)."""

from __future__ import annotations

from typing import Literal

from referrals.engines.hsds.classification import Described
from referrals.engines.hsds.values import Identifier, Maybe, Number, Uri

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class Schedule(Described):
    """Dates and times stay text here, as in the standard; `referrals.engines.opening_hours` reads them.

    `closed` is ours: such an entry is an exception, and takes hours away (docs/using/opening-hours.md).
    """

    service_id: Maybe[Identifier] = None
    location_id: Maybe[Identifier] = None
    service_at_location_id: Maybe[Identifier] = None
    valid_from: Maybe[str] = None
    valid_to: Maybe[str] = None
    dtstart: Maybe[str] = None
    timezone: Maybe[Number] = None
    until: Maybe[str] = None
    count: Maybe[Number] = None
    wkst: Maybe[Weekday] = None
    freq: Maybe[Literal["WEEKLY", "MONTHLY"]] = None
    interval: Maybe[Number] = None
    byday: Maybe[str] = None
    byweekno: Maybe[str] = None
    bymonthday: Maybe[str] = None
    byyearday: Maybe[str] = None
    description: Maybe[str] = None
    opens_at: Maybe[str] = None
    closes_at: Maybe[str] = None
    schedule_link: Maybe[Uri] = None
    attending_type: Maybe[str] = None
    notes: Maybe[str] = None
    closed: bool = False
