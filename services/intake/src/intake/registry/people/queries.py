"""People read, with their seals: one statement for rows, one for keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.schemas import Identity, PersonListed, PersonOut


async def identified(
    unit: UnitOfWork, instance: InstanceKey, people: Sequence[Person]
) -> dict[UUID, Identity]:
    """Who these people are, by id; an erased person is left out."""
    seals = await seals_of(unit, instance, [person.id for person in people])
    return {person.id: person.identify(seals[person.id]) for person in people if person.id in seals}


async def person(unit: UnitOfWork, instance: InstanceKey, person_id: UUID) -> PersonOut:
    """Raises NotFound."""
    found = await unit.get(Person, person_id)
    identity = (await identified(unit, instance, [found])).get(person_id)
    if identity is None:
        raise NotFound(f"no person {person_id}")
    return shown(found, identity)


async def members(unit: UnitOfWork, household_id: UUID) -> Sequence[Person]:
    """The household's people, the head first."""
    rows = await unit.session.scalars(
        select(Person).where(Person.household_id == household_id).order_by(Person.created, Person.id)
    )
    return sorted(rows, key=lambda person: not person.is_head)


def shown(person: Person, identity: Identity) -> PersonOut:
    return PersonOut.model_validate(
        {
            **{name: getattr(person, name) for name in PersonOut.model_fields if name not in ("person_id",)},
            "person_id": person.id,
            "identity": identity,
        }
    )


def listed(person: Person, identity: Identity) -> PersonListed:
    return PersonListed.model_validate(
        {
            "person_id": person.id,
            "household_id": person.household_id,
            "status": person.status,
            "relation": person.relation,
            "name": identity.full_name,
        }
    )
