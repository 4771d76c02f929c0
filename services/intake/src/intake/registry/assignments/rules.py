"""The parts that colleagues have in a person's case, and how long each lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

RECEPTION_DAYS = 1
"""A user who registers a person or records their visit works with them on that day."""


class AssignmentRole(StrEnum):
    """The part of a colleague in a person's case."""

    CASE_WORKER = "case_worker"
    TEAM = "team"
    RECEPTION = "reception"
    """Made by a registration or a visit, for a day."""


def end_of_reception(now: datetime) -> datetime:
    """Return the time until which a reception lasts."""
    return now + timedelta(days=RECEPTION_DAYS)
