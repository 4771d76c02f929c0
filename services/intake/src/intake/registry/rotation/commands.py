"""The replacement of what older secrets have written, in batches.

A row names the key that wrote it, and each batch is a transaction. So a rotation may be interrupted, repeated and run
twice at once: it changes what still needs it, and nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from solidary.platform.database import Database, UnitOfWork
from sqlalchemy import TextClause, select

from intake.registry.encryption.models import SubjectKey, open_for_comparison
from intake.registry.encryption.rules import InstanceKey
from intake.registry.external_ids.commands import retoken_external_ids
from intake.registry.people.models import Person
from intake.registry.people.rules import describe
from intake.registry.rotation.statements import AGENCIES_TO_RETOKEN, AGENCIES_TO_REWRAP
from intake.registry.search_index.commands import index_version, reindex_people

BATCH_ROWS = 500
"""The rows of one transaction, so that no desk waits for them long."""
NO_ID = UUID(int=0)

Batch: TypeAlias = Callable[[UnitOfWork, InstanceKey, UUID], Awaitable[list[UUID]]]
"""Replaces a batch of the acting agency's rows after an id, and returns their ids in order."""


async def rewrap(database: Database, instance_key: InstanceKey) -> int:
    """Wrap all keys with the newest wrapping key; return how many were wrapped by another one."""
    return await _rotate(database, instance_key, AGENCIES_TO_REWRAP, instance_key.wrapping_id, _rewrap)


async def retoken(database: Database, instance_key: InstanceKey) -> int:
    """Index all people with the newest search key and rules; return how many were indexed with others."""
    return await _rotate(database, instance_key, AGENCIES_TO_RETOKEN, index_version(instance_key), _retoken)


async def _rotate(
    database: Database, instance_key: InstanceKey, agencies: TextClause, newest: str, batch: Batch
) -> int:
    rotated = 0
    async with database.session_without_scope() as session:
        found = (await session.scalars(agencies, {"newest": newest})).all()
    for agency in found:
        ids = [NO_ID]
        while ids:
            async with database.unit_for_timer(agency) as unit:
                ids = await batch(unit, instance_key, ids[-1])
            rotated += len(ids)
    return rotated


async def _rewrap(unit: UnitOfWork, instance_key: InstanceKey, after: UUID) -> list[UUID]:
    written_before = select(SubjectKey).where(
        SubjectKey.agency == unit.principal.agency,
        SubjectKey.wrapped_by != instance_key.wrapping_id,
        SubjectKey.id > after,
    )
    batch = written_before.order_by(SubjectKey.id).limit(BATCH_ROWS).with_for_update()
    keys = (await unit.session.scalars(batch)).all()
    for key in keys:
        key.rewrap(instance_key)
    return [key.id for key in keys]


async def _retoken(unit: UnitOfWork, instance_key: InstanceKey, after: UUID) -> list[UUID]:
    written_before = select(Person).where(
        Person.agency == unit.principal.agency,
        Person.indexed_by != index_version(instance_key),
        Person.id > after,
    )
    batch = written_before.order_by(Person.id).limit(BATCH_ROWS).with_for_update()
    people = (await unit.session.scalars(batch)).all()
    ciphers = await open_for_comparison(unit, instance_key, [person.id for person in people])
    known = [person for person in people if person.id in ciphers]
    await reindex_people(
        unit,
        instance_key,
        {person.id: describe(person.read_identity(ciphers[person.id]), person.sex) for person in known},
    )
    await retoken_external_ids(unit, instance_key, ciphers)
    for person in known:
        person.indexed_by = index_version(instance_key)
    return [person.id for person in people]
