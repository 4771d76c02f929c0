"""The consents of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.people.models import Person
from intake.sharing.consents.models import Consent


async def list_consents(unit: UnitOfWork, person_id: UUID) -> Sequence[Consent]:
    """Return a person's consents, the oldest first. Raises NotFound."""
    await unit.get(Person, person_id)
    consents = select(Consent).where(Consent.agency == unit.principal.agency, Consent.root == person_id)
    return (await unit.session.scalars(consents.order_by(Consent.created, Consent.id))).all()
