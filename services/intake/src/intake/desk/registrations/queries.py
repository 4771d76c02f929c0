"""Registrations with their people."""

from __future__ import annotations

from solidary.language.external_ids import ExternalIdOut
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.registrations.models import Registration
from intake.desk.registrations.rules import unusual_births
from intake.desk.registrations.schemas import (
    RegisteredMember,
    RegistrationIn,
    RegistrationOut,
    RegistrationWarning,
)
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.people.models import Person
from intake.registry.people.rules import RegistrationState, Relation


async def show_registration(
    unit: UnitOfWork, registration: Registration, body: RegistrationIn, *, is_new: bool
) -> RegistrationOut:
    """Return a registration with the current state of its people, which is logged where it is not new."""
    if not is_new:
        log_access(unit, registration.members, AccessAction.REGISTRATION_READ, reference=registration.root)
    found = await unit.session.scalars(select(Person).where(Person.id.in_(registration.members)))
    people = {person.id: person for person in found}
    return RegistrationOut(
        registration_id=registration.client_id,
        household_id=registration.root,
        members=[
            RegisteredMember(
                person_id=person_id,
                relation=Relation(people[person_id].relation),
                state=RegistrationState(people[person_id].state),
                external_ids=[ExternalIdOut.model_validate(each) for each in member.external_ids],
            )
            for person_id, member in zip(registration.members, body.members, strict=True)
        ],
        external_ids=[ExternalIdOut.model_validate(each) for each in body.household.external_ids],
        warnings=[
            RegistrationWarning.model_validate(warning)
            for warning in unusual_births([(member.relation, member.born) for member in body.members])
        ],
    )
