"""Changes of assignments."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import Assignment, get_assignment, require_need_to_know
from intake.registry.assignments.schemas import AssignmentIn
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey


async def assign(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    assignment_in: AssignmentIn,
    reason: AccessReason | None,
) -> Assignment:
    """Assign a colleague to a person. Raises NotFound, NeedToKnowMissing."""
    await open_person(unit, instance_key, person_id, AccessAction.ASSIGNED, reason=reason)
    await require_need_to_know(unit, person_id, reason)
    assignment = Assignment(root=person_id, assignee=assignment_in.assignee, role=assignment_in.role)
    unit.add(assignment)
    await unit.flush()
    return assignment


async def end_assignment(unit: UnitOfWork, person_id: UUID, assignment_id: UUID) -> Assignment:
    """End an assignment. Raises NotFound."""
    assignment = await get_assignment(unit, person_id, assignment_id, AccessAction.ASSIGNMENT_ENDED)
    await unit.session.refresh(assignment, with_for_update=True)
    assignment.end(unit.now)
    return assignment
