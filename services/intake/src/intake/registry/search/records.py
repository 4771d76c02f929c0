"""The encrypted record of a search: its result, kept for a day."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from solidary.language.records import Record


class ReasonRecord(Record):
    """A part of the comparison with a candidate."""

    part: str
    bits: float
    because: str


class CandidateRecord(Record):
    """A candidate as the search found them."""

    person_id: UUID
    household_id: UUID
    state: str
    name: str
    born: date | None
    score: float
    probable: bool
    reasons: tuple[ReasonRecord, ...]


class SearchRecord(Record):
    """The result of a search."""

    version: Literal[1] = 1
    candidates: tuple[CandidateRecord, ...]

    @property
    def person_ids(self) -> list[UUID]:
        return [candidate.person_id for candidate in self.candidates]
