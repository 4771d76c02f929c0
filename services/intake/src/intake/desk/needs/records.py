"""The encrypted record of a restricted need."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class RestrictedNeedRecord(Record):
    """A restricted need: its code and severity are encrypted as well as its note."""

    version: Literal[1] = 1
    code: str
    list_version: str
    severity: str
    note: str | None = None
