"""The commands on consents, called by the reactions to intake's events."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from solidary.language.events.intake import ConsentGranted
from solidary.platform.database import UnitOfWork
from sqlalchemy import update

from referrals.casework.consents.models import KnownConsent


async def record_consent(unit: UnitOfWork, granted: ConsentGranted) -> None:
    """Record a consent of the acting agency."""
    unit.add(
        KnownConsent(
            id=granted.consent_id,
            person_id=granted.person_id,
            household_id=granted.household_id,
            purpose=granted.purpose,
            recipient=granted.recipient,
            package_id=granted.package_id,
            valid_until=granted.valid_until,
        )
    )


async def end_consent(unit: UnitOfWork, consent_id: UUID, *, at: datetime) -> None:
    """End a consent: no referral can be made under it any more."""
    consent = await unit.lock(KnownConsent, consent_id)
    consent.ended_at = at


async def end_consents_of(unit: UnitOfWork, person_id: UUID) -> None:
    """End every consent of a person that the acting agency recorded."""
    in_force = update(KnownConsent).where(
        KnownConsent.agency == unit.principal.agency,
        KnownConsent.person_id == person_id,
        KnownConsent.ended_at.is_(None),
    )
    await unit.session.execute(in_force.values(ended_at=unit.now))
