"""The procedures of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.procedures.models import Procedure
from intake.registry.access_log.rules import AccessAction
from intake.registry.people.queries import get_person


async def list_procedures(unit: UnitOfWork, person_id: UUID) -> Sequence[Procedure]:
    """Return a person's procedures, the oldest first. Raises NotFound."""
    await get_person(unit, person_id, AccessAction.PROCEDURES_READ)
    procedures = select(Procedure).where(
        Procedure.agency == unit.principal.agency, Procedure.root == person_id
    )
    return (await unit.session.scalars(procedures.order_by(Procedure.created, Procedure.id))).all()
