from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from solidary.platform.database import AgencyEntity, Published, timestamp
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column


class Entry:
    """What the directory says of a service: the columns of the owner's row and of the published one."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency: Mapped[UUID]
    name: Mapped[str]
    organization: Mapped[str]
    """The name under which the agency offers it."""
    description: Mapped[str]
    category: Mapped[str]
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    purpose: Mapped[str]
    status: Mapped[str]
    confidential: Mapped[bool]
    eligibility: Mapped[str | None]
    """A rule in CEL (`referrals.engines.eligibility`); None where the service says nothing of whom it serves."""
    area: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    remote: Mapped[bool]
    answers_within_hours: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What is shown and not searched: schedules, telephones, documents to bring, how to apply."""
    available: Mapped[int | None]
    maximum: Mapped[int | None]
    waiting_list: Mapped[bool]
    capacity_said: Mapped[timestamp | None]
    modified: Mapped[timestamp]


COLUMNS = tuple(Entry.__annotations__)


class Service(Entry, AgencyEntity):
    """An agency's own entry; a confidential one is seen by its agency, and by whom that confides it to."""

    __tablename__ = "service"

    id: Mapped[UUID] = mapped_column(primary_key=True)

    def say_capacity(self, available: int, maximum: int | None, *, waiting_list: bool, at: datetime) -> None:
        self.available, self.maximum, self.waiting_list = available, maximum, waiting_list
        self.capacity_said = self.modified = at


class PublishedService(Entry, Published):
    """The public copy of an entry, without scope."""

    __tablename__ = "service"

    @classmethod
    def of(cls, service: Service) -> PublishedService:
        return cls(**{column: getattr(service, column) for column in COLUMNS})
