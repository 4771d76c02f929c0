"""The making of invented people. Their names, ids and tokens are the same in every run; keys and ciphertexts are new.

They are sealed and indexed by the code that registers real people, but set-wise and without events: no other service
knows them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from solidary.language.codes.need_categories import category_of
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.database.engine import service_subject
from solidary.platform.identity import Principal

from intake.desk.seeding import statements
from intake.engines.synthetic_people import PeopleGenerator, SyntheticPerson
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.records import DocumentRecord, IdentityRecord, PhoneRecord
from intake.registry.people.rules import Relation, describe
from intake.registry.search_index.commands import index_people, index_version, tokens_of
from intake.registry.search_index.rules import search_keys

BATCH_PEOPLE = 1000
"""The people of one transaction. A batch is the same in every run, so a later one continues where an earlier ended."""

NEED = "LP-ND"
"""The need of every third person: no documents."""


@dataclass
class _Batch:
    """The columns of the rows of a batch."""

    households: list[UUID] = field(default_factory=list)
    id: list[UUID] = field(default_factory=list)
    household_id: list[UUID] = field(default_factory=list)
    relation: list[str] = field(default_factory=list)
    sex: list[str] = field(default_factory=list)
    birth_year: list[int] = field(default_factory=list)
    identity: list[bytes] = field(default_factory=list)
    wrapped: list[bytes] = field(default_factory=list)
    tokens: dict[UUID, dict[bytes, bool]] = field(default_factory=dict)


async def has_people(database: Database) -> bool:
    """Return whether any agency has registered people in this database."""
    async with database.session_without_scope() as session:
        return (await session.scalars(statements.AGENCIES_WITH_PEOPLE)).first() is not None


async def seed(
    database: Database,
    instance_key: InstanceKey,
    agency: UUID,
    count: int,
    *,
    start: int = 0,
    on_batch: Callable[[int], None] = lambda _: None,
) -> None:
    """Make invented people number `start` to `count` of an agency, a batch in each transaction.

    While PostgreSQL writes one batch, the next one is sealed in a thread. `on_batch` is called with their number.
    """
    generator = PeopleGenerator(seed=12)
    principal = Principal(
        service_subject(database.service), agency, str(agency), frozenset(), database.service
    )
    made = start
    upcoming = _prepare_soon(instance_key, generator, made, count)
    while made < count:
        batch = await upcoming
        made += len(batch.id)
        upcoming = _prepare_soon(instance_key, generator, made, count)
        async with database.unit(principal, long_running=True) as unit:
            await _write(unit, instance_key, batch)
        on_batch(made)
    await upcoming


def _prepare_soon(
    instance_key: InstanceKey, generator: PeopleGenerator, start: int, count: int
) -> asyncio.Task[_Batch]:
    return asyncio.create_task(
        asyncio.to_thread(_prepare, instance_key, generator, start, min(BATCH_PEOPLE, count - start))
    )


def _prepare(instance_key: InstanceKey, generator: PeopleGenerator, start: int, count: int) -> _Batch:
    """Generate and seal the people of a batch, in families; the last family may be smaller."""
    random = generator.restart(start // BATCH_PEOPLE)
    batch = _Batch()
    while len(batch.id) < count:
        household_id = _random_id(random)
        batch.households.append(household_id)
        for place, person in enumerate(generator.family()[: count - len(batch.id)]):
            person_id = _random_id(random)
            identity = _identity(person, random, is_head=place == 0)
            sex = "female" if person.sex == "f" else "male"
            cipher, wrapped = instance_key.create_key(person_id)
            batch.id.append(person_id)
            batch.household_id.append(household_id)
            batch.relation.append(Relation.OTHER if place else Relation.HEAD)
            batch.sex.append(sex)
            batch.birth_year.append(int(person.date_of_birth[:4]))
            batch.identity.append(cipher.encrypt("identity", identity.model_dump_json()))
            batch.wrapped.append(wrapped)
            batch.tokens[person_id] = tokens_of(instance_key, search_keys(describe(identity, sex)))
    return batch


def _identity(person: SyntheticPerson, random: Random, *, is_head: bool) -> IdentityRecord:
    surname, _, second_surname = person.surname.title().partition(" ")
    phones = (PhoneRecord(number=f"+5076{random.randrange(10**7):07}", safe=True),) if is_head else ()
    return IdentityRecord(
        given_name=person.given_name.title(),
        surname=surname,
        second_surname=second_surname or None,
        born=date.fromisoformat(person.date_of_birth),
        nationality="VE",
        documents=(DocumentRecord(kind="passport", number=f"SEED{random.randrange(10**9):09}"),),
        phones=phones,
    )


def _random_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


async def _write(unit: UnitOfWork, instance_key: InstanceKey, batch: _Batch) -> None:
    people = {"id": batch.id, "household_id": batch.household_id}
    session = unit.session
    await session.execute(statements.ADD_HOUSEHOLDS, {"id": batch.households, "area": unit.country})
    await session.execute(
        statements.ADD_KEYS,
        {"id": batch.id, "wrapped": batch.wrapped, "wrapped_by": instance_key.wrapping_id},
    )
    columns = {name: getattr(batch, name) for name in ("relation", "sex", "birth_year", "identity")}
    await session.execute(
        statements.ADD_PEOPLE, {**people, **columns, "indexed_by": index_version(instance_key)}
    )
    await index_people(unit, batch.tokens)
    entry = {"action": AccessAction.PERSON_REGISTERED, "service": unit.principal.service}
    await session.execute(statements.ADD_LOG_ENTRIES, {**people, **entry})
    await session.execute(statements.ADD_TIMELINE_ENTRIES, people)
    need = {"code": NEED, "category": category_of(NEED), "list_version": load_specific_needs().version}
    await session.execute(statements.ADD_NEEDS, {"id": batch.id[::3], "day": unit.today, **need})
