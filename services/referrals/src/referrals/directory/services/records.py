"""The stored form of an entry's details, apart from the API's schemas: the column `details`."""

from __future__ import annotations

from typing import Literal

from solidary.language.records import Record


class OpeningRecord(Record):
    """Stored opening hours, in the terms of HSDS schedules."""

    byday: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    freq: str | None = None
    dtstart: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    description: str | None = None
    closed: bool = False


class DetailsRecord(Record):
    """Stored details, which are shown and not searched."""

    version: Literal[1] = 1
    schedules: tuple[OpeningRecord, ...] = ()
    telephones: tuple[str, ...] = ()
    email: str | None = None
    url: str | None = None
    required_documents: tuple[str, ...] = ()
    application_process: str | None = None
    eligibility_description: str | None = None
    fees_description: str | None = None
