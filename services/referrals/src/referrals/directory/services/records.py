"""The stored form of an entry, apart from the API's schemas: the column `details`, and entries of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from solidary.language.external_ids import ExternalIdIn
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


class EntryRecord(Record):
    """An entry that was checked, as its editor stated it."""

    version: Literal[1] = 1
    name: str
    organization: str
    description: str
    category: str
    needs: list[str]
    purpose: str
    status: str
    confidential: bool
    eligibility: str | None
    area: str
    languages: list[str]
    latitude: float | None
    longitude: float | None
    remote: bool
    answers_within_hours: int | None
    details: DetailsRecord
    external_ids: tuple[ExternalIdIn, ...]

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Return the record of a request's body, as JSON has it."""
        return cls.model_validate({**body, "external_ids": body["external_ids"] or ()})

    def content(self) -> dict[str, Any]:
        """Return the values by column."""
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name not in ("version", "external_ids")
        }
