"""The evidence of a need as it is stored."""

from __future__ import annotations

from datetime import date
from typing import Literal

from solidary.language.records import Record


class EvidenceRecord(Record):
    """The evidence of a need: its kind, its date and, where people took part, their number."""

    version: Literal[1] = 1
    kind: str
    on: date
    note: str
    participants: int | None = None
