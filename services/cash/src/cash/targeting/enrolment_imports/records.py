"""The rows of an import of enrolments that a worker enrols together."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from solidary.language.records import Record


class EnrolmentLine(Record):
    """A referral to enrol, with its line in the file."""

    line: int
    referral_id: UUID


class EnrolmentBatch(Record):
    """Referrals that are enrolled in one programme together."""

    version: Literal[1] = 1
    programme_id: UUID
    items: tuple[EnrolmentLine, ...]
