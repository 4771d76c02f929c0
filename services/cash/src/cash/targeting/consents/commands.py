"""Consents under which cash works, from their use to their end. A row belongs to the agency that registered the person.

Whether a consent is in force, intake answers when it is used. The rows here serve to find what ends with a consent,
and are deleted then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.locks import lock_by_name, lock_by_names
from solidary.platform.database.scope import share
from sqlalchemy import ColumnElement, delete, select

from cash.intake import ConsentTerms
from cash.targeting.consents.models import Consent


async def lock_consent(unit: UnitOfWork, consent_id: UUID) -> None:
    """Wait for other transactions that use or end this consent, and exclude them until this one ends.

    A lock by name, because there may be no row yet, and because the agency that uses a consent may not lock its row,
    which belongs to another agency.
    """
    await lock_by_name(unit, f"consent {consent_id}")


async def lock_consents(unit: UnitOfWork, consents: Iterable[UUID]) -> None:
    """Lock consents as `lock_consent` does, all in one order. One statement."""
    await lock_by_names(unit, [f"consent {consent}" for consent in consents])


async def record_consent(unit: UnitOfWork, terms: ConsentTerms) -> Consent:
    """Record a consent that is in use, in the scope of its owner, and share it with its recipient."""
    known = await unit.session.get(Consent, terms.consent_id)
    if known is not None:
        return known
    consent = Consent(
        id=terms.consent_id,
        person_id=terms.person_id,
        household_id=terms.household_id,
        package_id=terms.package_id,
        recipient=terms.recipient,
        valid_until=terms.valid_until,
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
    await unit.flush()
    return consent


async def own_consents(unit: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Consent]:
    """Return the consents of the acting agency's people that meet a condition."""
    query = select(Consent).where(Consent.agency == unit.principal.agency, condition)
    return (await unit.session.scalars(query)).all()


async def end_consent(unit: UnitOfWork, consent_id: UUID) -> UUID | None:
    """Forget a consent that has ended, or whose person was erased; return its recipient, or None if unknown."""
    await lock_consent(unit, consent_id)
    consent = await unit.session.get(Consent, consent_id, populate_existing=True)
    if consent is None:
        return None
    recipient = consent.recipient
    await unit.session.execute(delete(Share).where(Share.root == consent_id))
    await unit.session.delete(consent)
    await unit.flush()
    return recipient
