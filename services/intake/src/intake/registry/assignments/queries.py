"""The assignments of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import Assignment
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey


async def list_assignments(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID
) -> Sequence[Assignment]:
    """Return a person's assignments, the oldest first. Raises NotFound."""
    await open_person(unit, instance_key, person_id, AccessAction.ASSIGNMENTS_READ)
    assignments = select(Assignment).where(
        Assignment.agency == unit.principal.agency, Assignment.root == person_id
    )
    return (await unit.session.scalars(assignments.order_by(Assignment.created, Assignment.id))).all()
