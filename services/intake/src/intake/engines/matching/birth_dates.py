"""Dates of birth as people give them: complete, the year only, estimated, or with day and month exchanged."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import OSA
from solidary.language.placeholders import UNKNOWN_BIRTHDAYS

_YEAR_FIRST = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})")
_YEAR_ONLY = re.compile(r"\d{4}")

GENERATION_YEARS = 15
"""From this difference on a namesake may be a parent or a child."""


class BirthDate(NamedTuple):
    """Year, month and day; month and day are 0 where only the year is known. It may not be a calendar day."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def is_estimate(self) -> bool:
        """True for the year only and for 1 January, which desks write where a person does not know the day."""
        return (self.month, self.day) in ((0, 0), (1, 1))

    @property
    def digits(self) -> str:
        return f"{self.year:04}{self.month:02}{self.day:02}"


def parse_birth_date(text: str) -> BirthDate | None:
    """Read a date written as 19840317, 1984-03-17, 17/03/1984 or 1984; None for other text and for a placeholder."""
    born = read_written_date(text.strip())
    return None if born in _PLACEHOLDERS else born


_PLACEHOLDERS = frozenset(BirthDate(day.year, day.month, day.day) for day in UNKNOWN_BIRTHDAYS)


def read_written_date(text: str) -> BirthDate | None:
    """Read a date as `parse_birth_date` does, also one that stands for an unknown birthday."""
    if found := _YEAR_FIRST.fullmatch(text):
        return BirthDate(*map(int, found.groups()))
    if found := _YEAR_LAST.fullmatch(text):
        day, month, year = map(int, found.groups())
        return BirthDate(year, month, day)
    return BirthDate(int(text)) if _YEAR_ONLY.fullmatch(text) else None


class BirthEvidence(NamedTuple):
    """Bits for one person, against two strangers and against two relatives, with the reason."""

    stranger: float
    relative: float
    reason: str


def compare_birth_dates(a: BirthDate, b: BirthDate) -> BirthEvidence:
    """Return the evidence of two dates of birth.

    Two strangers share one day in 70 years by chance in one case of 2¹⁴; relatives seldom do, but twins do.
    """
    years = abs(a.year - b.year)
    if a.is_estimate or b.is_estimate:
        return _compare_estimates(years)
    if a == b:
        return BirthEvidence(12.5, 7.0, "same")
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return BirthEvidence(10.0, 7.0, "day and month swapped")
    if OSA.distance(a.digits, b.digits, score_cutoff=1) == 1:
        return BirthEvidence(7.0, 6.0, "one digit off")
    if a.year == b.year and (a.month == b.month or a.day == b.day):
        return BirthEvidence(3.0, 3.0, "same year and month" if a.month == b.month else "same year and day")
    if (a.month, a.day) == (b.month, b.day) and years < GENERATION_YEARS:
        return BirthEvidence(1.0, 1.0, "same day, other year")
    if years < GENERATION_YEARS:
        return BirthEvidence(-7.0, -8.0, "different")
    return BirthEvidence(-9.0, -20.0, "a generation apart")


def _compare_estimates(years: int) -> BirthEvidence:
    if years == 0:
        return BirthEvidence(5.5, 1.0, "same year")
    reason = f"estimated, {years} year{'s' if years > 1 else ''} apart"
    if years <= 2:
        return BirthEvidence(2.5, 1.5, reason)
    if years <= 5:
        return BirthEvidence(-1.0, -2.0, reason)
    if years < GENERATION_YEARS:
        return BirthEvidence(-7.0, -8.0, reason)
    return BirthEvidence(-9.0, -20.0, reason)
