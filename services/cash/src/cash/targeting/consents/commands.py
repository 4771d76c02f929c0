"""Consents that intake published. Each row belongs to the agency that registered the person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.events.intake import ConsentGranted
from solidary.platform.database import ShareLevel, UnitOfWork
from solidary.platform.database.locks import lock_by_name
from solidary.platform.database.scope import share
from sqlalchemy import ColumnElement, select

from cash.targeting.consents.models import Consent


async def lock_consent(unit: UnitOfWork, consent_id: UUID) -> None:
    """Wait for other transactions that record, use or end this consent, and exclude them until this one ends.

    A lock by name, because a referral may arrive before its consent, and because the agency that uses a consent may
    not lock its row, which belongs to another agency.
    """
    await lock_by_name(unit, f"consent {consent_id}")


async def record_consent(unit: UnitOfWork, granted: ConsentGranted) -> Consent:
    """Record a consent for cash and share it with its recipient."""
    await lock_consent(unit, granted.consent_id)
    consent = Consent(
        id=granted.consent_id,
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
            level=ShareLevel.READ,
            reason="consent",
            valid_until=consent.valid_until,
        )
    )
    return consent


async def own_consents(unit: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Consent]:
    """Return the consents of the acting agency's people that meet a condition."""
    query = select(Consent).where(Consent.agency == unit.principal.agency, condition)
    return (await unit.session.scalars(query)).all()


async def end_consent(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """End a consent that was withdrawn, has expired, or whose person was erased."""
    await lock_consent(unit, consent_id)
    consent = await unit.lock(Consent, consent_id)
    consent.ended = consent.ended or unit.now
    return consent
