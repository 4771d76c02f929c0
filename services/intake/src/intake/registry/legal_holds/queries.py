"""The legal holds of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.access_log.rules import AccessAction
from intake.registry.legal_holds.models import LegalHold
from intake.registry.people.queries import get_person


async def list_holds(unit: UnitOfWork, person_id: UUID) -> Sequence[LegalHold]:
    """Return a person's holds, also those that are over, the oldest first. Raises NotFound."""
    await get_person(unit, person_id, AccessAction.LEGAL_HOLDS_READ)
    holds = select(LegalHold).where(LegalHold.agency == unit.principal.agency, LegalHold.root == person_id)
    return (await unit.session.scalars(holds.order_by(LegalHold.created, LegalHold.id))).all()
