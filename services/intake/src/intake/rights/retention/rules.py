"""The day before which records of a kind are erased."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from solidary.language.country import RecordKind

NOTICE_DAYS = 14
"""The days between the announcement of an erasure and the erasure, in which an officer may place a legal hold."""


def cutoffs(on: date, months: Mapping[RecordKind, int]) -> dict[RecordKind, date]:
    """Return the day before which each kind of record is erased, when it is erased on a day."""
    return {kind: _months_before(on, count) for kind, count in months.items()}


def _months_before(on: date, months: int) -> date:
    years, month = divmod(on.month - 1 - months, 12)
    year, month = on.year + years, month + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))
