"""One reading."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy.orm import Mapped


class AccessEntry(AgencyEntity):
    """`root` is the person read of (or the search made); `service` and `recipient` where another agency read."""

    __tablename__ = "access_entry"

    subject: Mapped[UUID]
    service: Mapped[str | None]
    action: Mapped[str]
    reference: Mapped[UUID | None]
    recipient: Mapped[UUID | None]


class AccessSeal(AgencyEntity):
    """`digest` is SHA-256 of the seal before and of all entries of transactions before `upto`."""

    __tablename__ = "access_seal"

    number: Mapped[int]
    entries: Mapped[int]
    digest: Mapped[bytes]


def log_access(
    unit: UnitOfWork,
    about: UUID,
    action: str,
    *,
    reference: UUID | None = None,
    recipient: UUID | None = None,
) -> None:
    """Adds an entry to the log of the agency in whose scope the unit is."""
    unit.add(
        AccessEntry(
            root=about,
            subject=unit.principal.subject,
            service=unit.principal.service,
            action=action,
            reference=reference,
            recipient=recipient,
        )
    )
