"""Requests to publish confidential entries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.platform.database import AgencyEntity, timestamp
from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column


class PublicationRequest(AgencyEntity):
    """A request to publish a confidential entry (`root`). The database records who made and who confirmed it."""

    __tablename__ = "publication_request"

    reason: Mapped[str]
    requested_by: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[timestamp | None]

    @property
    def location(self) -> str:
        """The path at which the API shows it."""
        return f"/directory/publication-requests/{self.id}"

    def confirm(self, subject: UUID, at: datetime) -> None:
        """Confirm the request. The database sets both values itself, and refuses the person who made the request."""
        self.confirmed_by, self.confirmed_at = subject, at
