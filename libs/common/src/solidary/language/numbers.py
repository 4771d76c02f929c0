"""Numbers as people write them, read exactly or refused with the readings that are possible.

A number that can be read in one way only is read: `12`, `-0.5`, `1,5`, `1.234,56`, `1 234 567`, `1e3`. A point or a
comma with three digits behind it (`150.000`, `40,000`) may be a decimal mark or group thousands: it is refused, unless
the caller states the mark before decimals.
"""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction

MAX_LENGTH = 90
"""The most characters of a number."""

_GROUPING = ".,' \u00a0\u2007\u2009\u202f\u2019"
"""Marks, spaces and apostrophes that group thousands."""
_PARTS = re.compile(
    rf"(?P<sign>[+\-\u2212]?)(?P<digits>[\d{_GROUPING}]*)(?P<power>e[+-]?\d{{1,3}})?",
    re.IGNORECASE | re.ASCII,
)
_ROUNDED = re.compile(r"[+-]?\d[.,]\d{5}E\+\d{2}")
"""The form that a spreadsheet gives to a number with more than eleven digits: the last ones are lost."""
_GROUPED = re.compile(rf"\d{{1,3}}(?P<mark>[{_GROUPING}])\d{{3}}(?:(?P=mark)\d{{3}})*", re.ASCII)
_PLAIN = re.compile(r"\d{1,40}(?:\.\d{0,40})?|\.\d{1,40}", re.ASCII)


class DecimalMark(StrEnum):
    """The mark before the decimals of a number; the other one then groups thousands."""

    POINT = "."
    COMMA = ","


class AmbiguousNumber(ValueError):
    """A number that can be read in two ways; the message names both."""


def parse_number(text: str, decimal: DecimalMark | None = None) -> Fraction:
    """Return a number that can be read in one way only. Raises ValueError with the number as written."""
    written = text.strip()
    parts = _PARTS.fullmatch(written)
    if parts is None or len(written) > MAX_LENGTH:
        raise ValueError(f"{text[:MAX_LENGTH]!r} is not a number. Write it as in 12 or 0.5.")
    if _ROUNDED.fullmatch(written):
        raise ValueError(
            f"{written} was rounded by a spreadsheet, so its last digits are lost. Write it with all its digits."
        )
    readings = {
        plain
        for mark in ([decimal] if decimal else DecimalMark)
        if (plain := _plain(parts["digits"], mark)) is not None
    }
    if parts["power"]:
        # A program wrote this number, and programs write a point before decimals.
        readings = {parts["digits"]} if _PLAIN.fullmatch(parts["digits"]) else set()
    values = sorted({Fraction(plain) for plain in readings})
    if not values:
        raise ValueError(_unreadable(written, decimal))
    if len(values) > 1:
        low, high = (_shown(value, parts["sign"]) for value in values)
        raise AmbiguousNumber(f"{written} may be {low} or {high}. Write {low} or {high}.")
    number = values[0] * Fraction(f"1{parts['power'] or ''}")
    return -number if parts["sign"] in ("-", "\u2212") else number


def _plain(digits: str, mark: DecimalMark) -> str | None:
    """Return digits with this mark before their decimals as Python writes them, or None where they have none such."""
    whole, _, decimals = digits.partition(mark)
    if grouped := _GROUPED.fullmatch(whole):
        if whole.startswith("0") or grouped["mark"] == mark:
            return None
        whole = whole.replace(grouped["mark"], "")
    plain = f"{whole}.{decimals}"
    return plain if _PLAIN.fullmatch(plain) else None


def _shown(value: Fraction, sign: str) -> str:
    """Return a reading as it can be written without doubt: three decimals get a fourth."""
    whole, rest = divmod(value.numerator * 1000 // value.denominator, 1000)
    decimals = f"{rest:03d}".rstrip("0")
    return f"{sign}{whole}" + (f".{decimals}{'0' * (len(decimals) == 3)}" if decimals else "")


def _unreadable(written: str, decimal: DecimalMark | None) -> str:
    if decimal is None:
        return f"{written!r} is not a number. Write it as in 12 or 0.5."
    return f"{written!r} is not a number whose mark before decimals is {decimal.value!r}."
