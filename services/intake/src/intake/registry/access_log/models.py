"""The entries of the access log and their seals."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy.orm import Mapped


class AccessEntry(AgencyEntity):
    """One access to personal data.

    `root` is the person, household or search; `service` and `recipient` are set where another agency read.
    """

    __tablename__ = "access_entry"

    subject: Mapped[UUID]
    service: Mapped[str | None]
    action: Mapped[str]
    reference: Mapped[UUID | None]
    recipient: Mapped[UUID | None]


class AccessSeal(AgencyEntity):
    """A digest over a batch of entries and the seal before it.

    `digest` is the SHA-256 of the seal before and of all entries of transactions before `upto`.
    """

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
    """Add an entry to the access log of the agency in whose scope the unit is."""
    unit.add(
        AccessEntry(
            root=about,
            subject=unit.principal.subject,
            service=unit.principal.caller or unit.principal.service,
            action=action,
            reference=reference,
            recipient=recipient,
        )
    )
