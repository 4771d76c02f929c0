"""The keys of people, as the database stores them: wrapped. Whoever opens a person's records is logged here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, UnitOfWork
from sqlalchemy import select
from sqlalchemy.orm import Mapped

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction, AccessReason
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


async def open_person(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    action: AccessAction,
    *,
    reason: AccessReason | None = None,
    reference: UUID | None = None,
) -> FieldCipher:
    """Return the cipher of a person and log the access. Raises NotFound for one who is erased or out of reach."""
    ciphers = await open_people(unit, instance_key, [person_id], action, reason=reason, reference=reference)
    if person_id not in ciphers:
        raise NotFound(f"There is no person {person_id}.")
    return ciphers[person_id]


async def open_people(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_ids: Iterable[UUID],
    action: AccessAction,
    *,
    reason: AccessReason | None = None,
    reference: UUID | Mapping[UUID, UUID] | None = None,
    recipient: UUID | None = None,
) -> dict[UUID, FieldCipher]:
    """Return the ciphers of people, without those who are erased or out of reach, and log the access to each.

    One statement, beside the one that writes the entries of the unit.
    """
    ciphers = await open_for_comparison(unit, instance_key, person_ids)
    log_access(unit, ciphers, action, reason=reason, reference=reference, recipient=recipient)
    return ciphers


async def open_for_comparison(
    unit: UnitOfWork, instance_key: InstanceKey, person_ids: Iterable[UUID]
) -> dict[UUID, FieldCipher]:
    """Return ciphers as `open_people` does, without an entry: only for a comparison whose result is logged.

    A search compares hundreds of people and shows a few of them; whom it shows, it logs.
    """
    keys = await unit.session.scalars(select(PersonKey).where(PersonKey.root.in_(list(person_ids))))
    return {key.root: instance_key.unwrap(key.root, key.wrapped) for key in keys}
