"""The commands on consents, called by the reactions to intake's events."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import delete

from referrals.casework.consents.models import EndedConsent

KEPT = timedelta(days=1)
"""The time for which the end of a consent is kept; a referral is sent within seconds of intake's answer."""


async def lock_consent(unit: UnitOfWork, consent_id: UUID) -> None:
    """Wait for the transaction that uses or ends this consent, and exclude others until this one ends."""
    await lock_by_name(unit, f"consent {consent_id}")


async def end_consent(unit: UnitOfWork, consent_id: UUID) -> None:
    """Record that a consent of the acting agency has ended: from now on the database refuses a referral under it."""
    await lock_consent(unit, consent_id)
    own = EndedConsent.agency == unit.principal.agency
    await unit.session.execute(delete(EndedConsent).where(own, EndedConsent.created < unit.now - KEPT))
    unit.add(EndedConsent(id=consent_id, root=consent_id))
    await unit.flush()
