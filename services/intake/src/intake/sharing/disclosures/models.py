"""The uses of consents by referrals and cash."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Aggregate, UnitOfWork
from sqlalchemy.orm import Mapped


class ConsentUse(Aggregate):
    """The use of a consent for one case: its id is that of the referral or of the enrolment in cash.

    Events of referrals and cash name this id and no person, so that only intake can tell whom they are about.
    """

    __tablename__ = "consent_use"

    consent_id: Mapped[UUID]
    package_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    service: Mapped[str]


async def find_use(unit: UnitOfWork, reference: UUID) -> ConsentUse | None:
    """Return the use that a reaction's event is about, in its owner's scope."""
    if not await unit.act_for_owner(reference):
        return None
    return await unit.session.get(ConsentUse, reference)
