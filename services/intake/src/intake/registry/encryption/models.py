"""The keys of people, as the database stores them: wrapped."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy import select
from sqlalchemy.orm import Mapped

from intake.registry.encryption.rules import FieldCipher, InstanceKey


class PersonKey(AgencyEntity):
    """A person's wrapped key; deleting the row erases the person.

    `id` and `root` are the person's id; `wrapped_by` is the fingerprint of the instance key.
    """

    __tablename__ = "person_key"

    wrapped: Mapped[bytes]
    wrapped_by: Mapped[str]


def create_key(unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID) -> FieldCipher:
    """Create a person's key in this unit and return its cipher."""
    cipher, wrapped = instance_key.create_person_key(person_id)
    unit.add(PersonKey(id=person_id, root=person_id, wrapped=wrapped, wrapped_by=instance_key.fingerprint))
    return cipher


async def ciphers_of(
    unit: UnitOfWork, instance_key: InstanceKey, person_ids: Iterable[UUID]
) -> dict[UUID, FieldCipher]:
    """Return the ciphers of people, without those who are erased or out of reach. One statement."""
    keys = await unit.session.scalars(select(PersonKey).where(PersonKey.root.in_(list(person_ids))))
    return {key.root: instance_key.unwrap(key.root, key.wrapped) for key in keys}
