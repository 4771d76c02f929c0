"""The keys of people and of searches, as the database stores them: wrapped, and apart from what they open.

Each function that opens a person's records writes an entry of the access log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.database.arrays import uuid_array
from sqlalchemy import any_, select
from sqlalchemy.orm import Mapped

from intake.registry.access_log.models import log_access, log_many
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.encryption.rules import FieldCipher, InstanceKey


class SubjectKey(AgencyEntity):
    """The wrapped key of a person, or of a search for a day; deleting the row erases the subject.

    `id` and `root` are the subject's id; `wrapped_by` is the id of the wrapping key. The schema `keys` is left out of
    the backup of the rows (docs/operating/backup.md).
    """

    __tablename__ = "subject_key"
    __table_args__ = {"schema": "keys"}  # noqa: RUF012

    wrapped: Mapped[bytes]
    wrapped_by: Mapped[str]

    def rewrap(self, instance_key: InstanceKey) -> None:
        """Wrap the key with the newest wrapping key."""
        self.wrapped = instance_key.rewrap(self.root, self.wrapped, self.wrapped_by)
        self.wrapped_by = instance_key.wrapping_id


def create_key(unit: UnitOfWork, instance_key: InstanceKey, subject: UUID) -> FieldCipher:
    """Create a subject's key in this unit and return its cipher."""
    cipher, wrapped = instance_key.create_key(subject)
    unit.add(SubjectKey(id=subject, root=subject, wrapped=wrapped, wrapped_by=instance_key.wrapping_id))
    return cipher


def add_keys(unit: UnitOfWork, instance_key: InstanceKey, wrapped: Mapping[UUID, bytes]) -> None:
    """Store keys of subjects, by subject, as the newest wrapping key has wrapped them."""
    unit.add(
        *(
            SubjectKey(id=subject, root=subject, wrapped=key, wrapped_by=instance_key.wrapping_id)
            for subject, key in wrapped.items()
        )
    )


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


async def open_many(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    references: Mapping[UUID, UUID],
    action: AccessAction,
    *,
    recipient: UUID,
) -> dict[UUID, FieldCipher]:
    """Return ciphers and log the accesses as `open_people` does, for a thousand people. `references`: by person.

    Two statements, whatever the number; the keys are unwrapped in a thread, so that other requests are answered.
    """
    wanted = any_(uuid_array(references))
    keys = select(SubjectKey.root, SubjectKey.wrapped, SubjectKey.wrapped_by).where(SubjectKey.id == wanted)
    rows = (await unit.session.execute(keys)).all()
    ciphers = await asyncio.to_thread(lambda: {row.root: instance_key.unwrap(*row) for row in rows})
    await log_many(unit, {person: references[person] for person in ciphers}, action, recipient=recipient)
    return ciphers


async def open_for_comparison(
    unit: UnitOfWork, instance_key: InstanceKey, person_ids: Iterable[UUID]
) -> dict[UUID, FieldCipher]:
    """Return ciphers as `open_people` does, without an entry: only for a comparison whose result is logged.

    A rotation of secrets shows nobody.
    """
    return await _ciphers_of(unit, instance_key, person_ids)


async def open_search(unit: UnitOfWork, instance_key: InstanceKey, search_id: UUID) -> FieldCipher:
    """Return the cipher of a search. Raises NotFound for one that is deleted; whom it shows, its reader logs."""
    ciphers = await _ciphers_of(unit, instance_key, [search_id])
    if search_id not in ciphers:
        raise NotFound(f"There is no search {search_id}.")
    return ciphers[search_id]


async def _ciphers_of(
    unit: UnitOfWork, instance_key: InstanceKey, subjects: Iterable[UUID]
) -> dict[UUID, FieldCipher]:
    keys = await unit.session.scalars(select(SubjectKey).where(SubjectKey.id.in_(list(subjects))))
    return {key.root: instance_key.unwrap(key.root, key.wrapped, key.wrapped_by) for key in keys}
