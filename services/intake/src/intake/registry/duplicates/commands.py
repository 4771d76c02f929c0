"""The decision that a provisional person is registered already."""

from __future__ import annotations

from uuid import UUID

from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork

from intake.problems import PersonIsDuplicate
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.people.models import Person, lock_person
from intake.registry.timeline.models import add_timeline_entry


async def decide_same_person(unit: UnitOfWork, person_id: UUID, other_id: UUID | None) -> Person:
    """Record that a provisional person is another person of the agency; with None the decision is taken back.

    Raises NotFound, Invalid, PersonNotProvisional, and PersonIsDuplicate where the other is a duplicate too.
    """
    action = AccessAction.DUPLICATE_DECIDED
    locked = {
        id_: await unit.lock(Person, id_) for id_ in sorted({person_id, other_id or person_id}, key=str)
    }
    person = await lock_person(unit, person_id, action)
    if other_id == person_id:
        raise Invalid("This is one person.", Fault("/person_id", "Name the other registration."))
    if other_id is not None:
        if locked[other_id].same_as is not None:
            raise PersonIsDuplicate
        log_access(unit, [other_id], action, reference=person_id)
    if person.same_as != other_id:
        person.set_same_as(other_id)
        kind = "duplicate_found" if other_id else "duplicate_withdrawn"
        add_timeline_entry(unit, person_id, kind, other_id)
    return person
