"""Dates and times as people of the page's language write them, in the country's time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from solidary.language.country import load_pack


def day(value: str | date | None, language: str) -> str:
    """Return a day: «3 de marzo de 2026»."""
    if value is None:
        return ""
    return format_date(
        date.fromisoformat(value) if isinstance(value, str) else value, "long", locale=language
    )


def moment(value: str | datetime | None, language: str, country: str) -> str:
    """Return a time with its day, in the country's time zone: «3 de marzo de 2026, 14:05»."""
    if value is None:
        return ""
    at = local(value, country)
    return f"{format_date(at, 'long', locale=language)}, {format_datetime(at, 'HH:mm', locale=language)}"


def time_to(value: str, now: datetime, language: str) -> str:
    """Return how far away a time is: «dentro de 2 días», «hace 3 horas»."""
    return format_timedelta(datetime.fromisoformat(value) - now, add_direction=True, locale=language)


def local(value: str | datetime, country: str) -> datetime:
    """Return a time in the country's time zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(ZoneInfo(load_pack(country).timezone))


def is_past(value: str | None, now: datetime) -> bool:
    """Return true for a time that is over."""
    return value is not None and datetime.fromisoformat(value) < now
