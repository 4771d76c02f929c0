from __future__ import annotations

from uuid import UUID, uuid4

from solidary.platform.database import UnitOfWork

from intake.desk.visits.models import Visit
from intake.desk.visits.schemas import VisitIn, VisitOut
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.timeline.models import note


async def record(unit: UnitOfWork, instance: InstanceKey, person_id: UUID, said: VisitIn) -> VisitOut:
    """Somebody came to a centre. Raises NotFound for a person out of reach."""
    person = await unit.get(Person, person_id)
    seal = (await seals_of(unit, instance, [person_id]))[person_id]
    visit = Visit(
        id=uuid4(),
        root=person.id,
        day=said.day or unit.now.date(),
        centre=said.centre,
        reason=said.reason,
        note=seal.close("visit note", said.note) if said.note else None,
    )
    unit.add(visit)
    note(unit, person_id, "visit_recorded", visit.id)
    return visit.shown(seal)
