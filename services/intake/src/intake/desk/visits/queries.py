"""Visits as the person's own agency reads them."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.desk.visits.models import Visit
from intake.desk.visits.schemas import VisitOut
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import require_need_to_know
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.queries import get_part


async def read_visit(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    visit_id: UUID,
    reason: AccessReason | None,
) -> VisitOut:
    """Return a visit with its note. Raises NotFound, NeedToKnowMissing."""
    action = AccessAction.VISIT_READ
    visit = await get_part(unit, Visit, person_id, visit_id, action, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    cipher = await open_person(unit, instance_key, person_id, action, reason=reason, reference=visit_id)
    return visit_out(visit, visit.read_note(cipher))


def visit_out(visit: Visit, note: str | None) -> VisitOut:
    """Return the schema of a visit with its note in plain text."""
    return VisitOut(
        visit_id=visit.id, day=visit.day, centre=visit.centre, reason=visit.reason, note=note or None
    )
