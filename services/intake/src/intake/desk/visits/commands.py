"""The recording of visits."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork

from intake.desk.visits.models import Visit
from intake.desk.visits.schemas import VisitIn
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import receive
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.rules import require_possible_days
from intake.registry.timeline.models import add_timeline_entry


async def record_visit(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, visit_in: VisitIn
) -> Visit:
    """Record that a person came to a centre, where the user receives them today. Raises NotFound, Invalid."""
    person = await unit.get(Person, person_id)
    cipher = await open_person(unit, instance_key, person_id, AccessAction.VISIT_RECORDED)
    born = person.read_identity(cipher).born
    require_possible_days({"/day": visit_in.day}, unit.today, born)
    visit = Visit(
        root=person.id,
        day=visit_in.day or unit.today,
        centre=visit_in.centre,
        reason=visit_in.reason,
    )
    visit.set_note(visit_in.note, cipher)
    unit.add(visit)
    receive(unit, [person_id])
    add_timeline_entry(unit, person_id, "visit_recorded", visit.id)
    return visit
