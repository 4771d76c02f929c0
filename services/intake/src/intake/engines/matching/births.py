"""Dates of birth as people give them: whole, by the year, guessed, with day and month the other way round."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import OSA

_YEAR_FIRST = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\D(\d{1,2})\D(\d{4})")
_YEAR_ONLY = re.compile(r"\d{4}")

GENERATION = 15
"""Years from which a namesake may be a parent or a child."""


class Birth(NamedTuple):
    """Year, month, day; month and day are 0 where only the year is known. It may be no day of a calendar."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def is_estimate(self) -> bool:
        """Only the year, or 1 January: what is written down when a person does not know the day."""
        return (self.month, self.day) in ((0, 0), (1, 1))

    @property
    def digits(self) -> str:
        return f"{self.year:04}{self.month:02}{self.day:02}"


def parse(text: str) -> Birth | None:
    """A date as written: 19840317, 1984-03-17, 17/03/1984, 1984. None where it is none of these."""
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return Birth(*map(int, found.groups()))
    if found := _YEAR_LAST.fullmatch(text):
        day, month, year = map(int, found.groups())
        return Birth(year, month, day)
    return Birth(int(text)) if _YEAR_ONLY.fullmatch(text) else None


class Evidence(NamedTuple):
    """Bits for one person, against two strangers and against two relatives, and why."""

    stranger: float
    relative: float
    reason: str


def evidence(a: Birth, b: Birth) -> Evidence:
    """What two dates of birth say.

    Two strangers share one day in 70 years by chance in one case of 2¹⁴; relatives seldom do, but twins do.
    """
    years = abs(a.year - b.year)
    if a.is_estimate or b.is_estimate:
        return _estimated(years)
    if a == b:
        return Evidence(12.5, 7.0, "same")
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return Evidence(10.0, 7.0, "day and month swapped")
    if OSA.distance(a.digits, b.digits, score_cutoff=1) == 1:
        return Evidence(7.0, 6.0, "one digit off")
    if a.year == b.year and (a.month == b.month or a.day == b.day):
        return Evidence(3.0, 3.0, "same year and month" if a.month == b.month else "same year and day")
    if (a.month, a.day) == (b.month, b.day) and years < GENERATION:
        return Evidence(1.0, 1.0, "same day, other year")
    if years < GENERATION:
        return Evidence(-7.0, -8.0, "different")
    return Evidence(-9.0, -20.0, "a generation apart")


def _estimated(years: int) -> Evidence:
    if years == 0:
        return Evidence(5.5, 3.5, "same year")
    said = f"estimated, {years} years apart"
    if years <= 2:
        return Evidence(2.5, 1.5, said)
    if years <= 5:
        return Evidence(-1.0, -2.0, said)
    return Evidence(-7.0, -8.0, said) if years < GENERATION else Evidence(-9.0, -20.0, said)
