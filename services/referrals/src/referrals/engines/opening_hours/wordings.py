"""What a person reads about opening hours, in Spanish and English. Dates and times are those of the place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from solidary.language.codes.wording import Wording

from referrals.engines.opening_hours.schedule import Hours, Unreadable

HORIZON = timedelta(days=400)
"""Beyond it no next opening is looked for: a service that opens once a year is found, a dead one ends."""

NOTHING_PUBLISHED = Wording(
    "no se sabe: no se han publicado horarios", "cannot tell: no opening hours are published"
)
HOURS_NOT_STATED = Wording(
    "no se sabe: atiende ese día, pero no dice a qué horas; pregunte antes de ir",
    "cannot tell: open that day, but the hours are not stated; ask before going",
)


def open_until(today: date, until: datetime | None) -> Wording:
    if until is None:
        return Wording("abierto a toda hora", "open around the clock")
    if until.date() == today:
        return Wording(f"abierto hasta las {until:%H:%M}", f"open until {until:%H:%M}")
    return Wording(
        f"abierto hasta las {until:%H:%M} del {until:%Y-%m-%d}",
        f"open until {until:%H:%M} on {until:%Y-%m-%d}",
    )


def closed(upcoming: datetime | None, day_off: Hours | None) -> Wording:
    """`day_off` is the exception that closes the day; its own words are given as they were published."""
    why = f" ({day_off.note})" if day_off and day_off.note else ""
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


def unreadable(schedule: str, error: Unreadable) -> Wording:
    return Wording(
        f"no se sabe: el horario {schedule} no se entiende ({error.reason.es})",
        f"cannot tell: schedule {schedule} cannot be read ({error.reason.en})",
    )


def not_valid(until: date | None) -> Wording:
    if until is None:
        return Wording("no se sabe: los horarios aún no rigen", "cannot tell: the hours are not yet valid")
    return Wording(
        f"no se sabe: los horarios publicados valen hasta el {until:%Y-%m-%d}; pregunte antes de ir",
        f"cannot tell: the published hours are valid until {until:%Y-%m-%d}; ask before going",
    )
