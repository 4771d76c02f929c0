"""Texts about opening hours in Spanish and English. Dates and times are in the time zone of the place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from solidary.language.codes.wording import Wording

from referrals.engines.opening_hours.schedule import InvalidSchedule, OpeningHours

HORIZON = timedelta(days=400)
"""The period in which a next opening is sought: long enough for a service that opens once a year."""

NO_HOURS_PUBLISHED = Wording(
    "no se sabe: no se han publicado horarios", "unknown: no opening hours are published"
)
NO_TIMES_STATED = Wording(
    "no se sabe: atiende ese día, pero sin horas publicadas; pregunte antes de ir",
    "unknown: open that day, but no times are published; ask before going",
)


def open_until(today: date, until: datetime | None) -> Wording:
    """Word that a place is open, and until when."""
    if until is None:
        return Wording("abierto a toda hora", "open around the clock")
    if until.date() == today:
        return Wording(f"abierto hasta las {until:%H:%M}", f"open until {until:%H:%M}")
    return Wording(
        f"abierto hasta las {until:%H:%M} del {until:%Y-%m-%d}",
        f"open until {until:%H:%M} on {until:%Y-%m-%d}",
    )


def closed(upcoming: datetime | None, day_off: OpeningHours | None) -> Wording:
    """Word that a place is closed, and when it opens next.

    `day_off` is the exception that closes the day; its description is quoted as it was published.
    """
    why = f" ({day_off.description})" if day_off and day_off.description else ""
    if upcoming is None:
        days = HORIZON.days
        return Wording(
            f"cerrado{why}; no abre en los próximos {days} días",
            f"closed{why}; does not open within {days} days",
        )
    return Wording(
        f"cerrado{why}; abre el {upcoming:%Y-%m-%d} a las {upcoming:%H:%M}",
        f"closed{why}; opens on {upcoming:%Y-%m-%d} at {upcoming:%H:%M}",
    )


def invalid_schedule(schedule: str, error: InvalidSchedule) -> Wording:
    """Word that the state is unknown because a schedule is not valid."""
    return Wording(
        f"no se sabe: el campo {error.field} del horario {schedule} no es válido. {error.reason.es}",
        f"unknown: the field {error.field} of schedule {schedule} is not valid. {error.reason.en}",
    )


def not_valid(until: date | None) -> Wording:
    """Word that no published schedule is valid on the day; `until` is the end of the last one."""
    if until is None:
        return Wording("no se sabe: los horarios aún no rigen", "unknown: the hours are not yet valid")
    return Wording(
        f"no se sabe: los horarios publicados valen hasta el {until:%Y-%m-%d}; pregunte antes de ir",
        f"unknown: the published hours were valid until {until:%Y-%m-%d}; ask before going",
    )
