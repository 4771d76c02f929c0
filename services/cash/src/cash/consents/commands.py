"""Consents as intake tells them; each row belongs to the agency that has the person in its care."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.database import Level, UnitOfWork
from solidary.database.scope import share
from solidary.events.intake import ConsentGranted
from sqlalchemy import ColumnElement, select

from cash.consents.models import Consent


async def note(unit: UnitOfWork, granted: ConsentGranted) -> Consent:
    """A consent for cash; its recipient sees it."""
    consent = Consent(
        id=granted.consent_id,
        root=granted.consent_id,
        person_id=granted.person_id,
        household_id=granted.household_id,
        package_id=granted.package_id,
        recipient=granted.recipient,
        valid_until=granted.valid_until,
    )
    unit.add(consent)
    await unit.flush()
    unit.add(
        share(
            root=consent.id,
            owner=consent.agency,
            agency=consent.recipient,
            level=Level.READ,
            why="consent",
            sort=unit.now,
            until=consent.valid_until,
        )
    )
    return consent


async def known_of(unit: UnitOfWork, which: ColumnElement[bool]) -> Sequence[Consent]:
    """The acting agency's consents of a person or a household."""
    query = select(Consent).where(Consent.agency == unit.principal.agency, which)
    return (await unit.session.scalars(query)).all()


async def end(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """Withdrawn or expired."""
    consent = await unit.lock(Consent, consent_id)
    consent.ended = consent.ended or unit.now
    return consent
