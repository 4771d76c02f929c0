"""The entry of a service: its owner's row, and the public copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from solidary.platform.database import Aggregate, Published, RecordColumn, Updated, timestamp
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from referrals.directory.services.records import DetailsRecord, EntryRecord, OpeningRecord
from referrals.engines.hsds.schedules import Schedule


class EntryColumns:
    """The columns of an entry, which the owner's row and the public copy share."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency: Mapped[UUID]
    name: Mapped[str]
    organization: Mapped[str]
    """The name under which the agency offers the service."""
    description: Mapped[str]
    category: Mapped[str]
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    purpose: Mapped[str]
    status: Mapped[str]
    confidential: Mapped[bool]
    eligibility: Mapped[str | None]
    """A rule in CEL (`referrals.engines.eligibility`), or None where the service publishes no requirements."""
    area: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    remote: Mapped[bool]
    answers_within_hours: Mapped[int | None]
    details: Mapped[DetailsRecord] = mapped_column(RecordColumn(DetailsRecord))
    """Details that are shown and not searched: schedules, telephones, required documents, how to apply."""
    available: Mapped[int | None]
    maximum: Mapped[int | None]
    waiting_list: Mapped[bool]
    capacity_updated_at: Mapped[timestamp | None]
    modified: Mapped[timestamp]

    def part_id(self, part: str) -> str:
        """Return the id of a part that has no row of its own: always the same for the same part."""
        return _part_id(self.id, part)

    def schedules(self) -> tuple[Schedule, ...]:
        """Return the opening hours as HSDS schedules, as they were stored and without a new validation."""
        return schedules_of(self.id, self.details.schedules)


def schedules_of(service: UUID, openings: Sequence[OpeningRecord]) -> tuple[Schedule, ...]:
    """Return the stored opening hours of a service as HSDS schedules, without a new validation."""
    return tuple(
        Schedule.model_construct(
            id=_part_id(service, f"schedule/{index}"),
            service_id=str(service),
            **opening.model_dump(exclude_none=True),
        )
        for index, opening in enumerate(openings)
    )


def _part_id(service: UUID, part: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:solidary:service:{service}:{part}"))


COLUMNS = tuple(EntryColumns.__annotations__)


class DirectoryService(Updated, EntryColumns, Aggregate):
    """The owner's row of an entry. Other agencies see it only through a share, which its agency gives."""

    __tablename__ = "service"
    __location__ = "/directory/services/{id}"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    waiting_list: Mapped[bool] = mapped_column(default=False)

    def set_content(self, entry: EntryRecord, *, at: datetime) -> None:
        """Set everything of an entry that its editor states, as of a moment."""
        for name, value in entry.content().items():
            setattr(self, name, value)
        self.modified = at

    def has_content(self, entry: EntryRecord) -> bool:
        """Return whether the row has all that an entry states."""
        return all(getattr(self, name) == value for name, value in entry.content().items())

    def set_capacity(self, available: int, maximum: int | None, *, waiting_list: bool, at: datetime) -> None:
        """Set the free places as of a moment."""
        self.available, self.maximum, self.waiting_list = available, maximum, waiting_list
        self.capacity_updated_at = self.modified = at


class PublishedService(EntryColumns, Published):
    """The public copy of an entry, which everybody may read."""

    __tablename__ = "service"

    @classmethod
    def of(cls, service: DirectoryService) -> PublishedService:
        """Return the public copy of an owner's row."""
        return cls(**cls.columns_of(service))

    @staticmethod
    def columns_of(service: DirectoryService) -> dict[str, Any]:
        """Return the values of the public copy by column."""
        return {column: getattr(service, column) for column in COLUMNS}
