from __future__ import annotations

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.people.models import Person
from intake.registry.registrations.models import Registration
from intake.registry.registrations.schemas import RegisteredMember, RegistrationOut


async def registration(unit: UnitOfWork, of: Registration) -> RegistrationOut:
    """A registration as its people are now."""
    people = {
        person.id: person
        for person in await unit.session.scalars(select(Person).where(Person.id.in_(of.members)))
    }
    return RegistrationOut(
        registration_id=of.client_id,
        household_id=of.root,
        members=[
            RegisteredMember.model_validate(
                {"person_id": id_, "relation": people[id_].relation, "status": people[id_].status}
            )
            for id_ in of.members
        ],
    )
