"""People as a search compares them: their encrypted rows, read by one statement and decrypted in a thread."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.registry.encryption.models import SubjectKey
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.records import IdentityRecord


class SealedPerson(NamedTuple):
    """The encrypted identity of a person, with the wrapped key that opens it."""

    person_id: UUID
    household_id: UUID
    state: str
    sex: str
    identity: bytes
    wrapped: bytes
    wrapped_by: str

    def open(self, instance_key: InstanceKey) -> IdentityRecord:
        """Decrypt the identity."""
        cipher = instance_key.unwrap(self.person_id, self.wrapped, self.wrapped_by)
        return IdentityRecord.model_validate_json(cipher.decrypt("identity", self.identity))


async def read_for_comparison(unit: UnitOfWork, person_ids: Iterable[UUID]) -> list[SealedPerson]:
    """Return people without those who are erased or out of reach, and without an entry in the log.

    Only for a comparison: a search compares tens of people and shows a few of them; whom it shows, it logs.
    """
    columns = (Person.id, Person.household_id, Person.state, Person.sex, Person.identity)
    query = (
        select(*columns, SubjectKey.wrapped, SubjectKey.wrapped_by)
        .join(SubjectKey, SubjectKey.id == Person.id)
        .where(Person.id.in_(list(person_ids)))
    )
    return [SealedPerson(*row) for row in await unit.session.execute(query)]
