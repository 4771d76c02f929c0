"""The records of needs: a restricted one, which is encrypted, and an ordinary one that is still to be added."""

from __future__ import annotations

from datetime import date
from typing import Literal

from solidary.language.records import Record


class RestrictedNeedRecord(Record):
    """A restricted need: its code and severity are encrypted as well as its note."""

    version: Literal[1] = 1
    code: str
    list_version: str
    severity: str
    note: str | None = None


class CheckedNeed(Record):
    """An ordinary need whose code and day were checked; part of a sealed registration."""

    code: str
    tier: str
    list_version: str
    category: str
    severity: str
    day: date
