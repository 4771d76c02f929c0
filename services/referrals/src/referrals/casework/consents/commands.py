from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import update

from referrals.casework.consents.models import KnownConsent


async def end_all_of(unit: UnitOfWork, person_id: UUID) -> None:
    """Nothing new may stand on any consent of a person."""
    theirs = update(KnownConsent).where(
        KnownConsent.agency == unit.principal.agency,
        KnownConsent.person_id == person_id,
        KnownConsent.ended.is_(None),
    )
    await unit.session.execute(theirs.values(ended=unit.now))
