"""A person's own key, as it is kept: wrapped. Destroying the row erases the person."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy import select
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import InstanceKey, Seal


class PersonKey(AgencyEntity):
    """`id` and `root` are the person's; `wrapped_by` names the instance key."""

    __tablename__ = "person_key"

    wrapped: Mapped[bytes]
    wrapped_by: Mapped[str]


def give_key(unit: UnitOfWork, instance: InstanceKey, person: UUID) -> Seal:
    """A new person's key, added to the unit."""
    seal, wrapped = instance.new_seal(person)
    unit.add(PersonKey(id=person, root=person, wrapped=wrapped, wrapped_by=instance.name))
    return seal


async def seals_of(unit: UnitOfWork, instance: InstanceKey, people: Iterable[UUID]) -> dict[UUID, Seal]:
    """The seals of these people, as far as they are within reach and not erased: one statement."""
    kept = await unit.session.scalars(select(PersonKey).where(PersonKey.root.in_(list(people))))
    return {key.root: instance.unwrapped(key.root, key.wrapped) for key in kept}
