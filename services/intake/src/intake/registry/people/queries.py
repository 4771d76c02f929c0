"""People and households as their own agency reads them; reads of identities are logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import select

from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import ciphers_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Household, Person
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import RegistrationState, Relation
from intake.registry.people.schemas import HouseholdOut, IdentityOut, PersonListed, PersonOut
from intake.registry.timeline.models import TimelineEntry
from intake.registry.timeline.schemas import TimelineItem

P = TypeVar("P", bound=AgencyEntity)


async def read_person(unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID) -> PersonOut:
    """Return a person and log the access. Raises NotFound."""
    person = await show_person(unit, instance_key, person_id)
    log_access(unit, person_id, "person_read")
    return person


async def show_person(unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID) -> PersonOut:
    """Return a person to the user who has just changed them. Raises NotFound."""
    person = await unit.get(Person, person_id)
    identity = (await identities_of(unit, instance_key, [person])).get(person_id)
    if identity is None:
        raise NotFound(f"There is no person {person_id}.")
    return _person_out(person, identity)


async def read_household(unit: UnitOfWork, instance_key: InstanceKey, household_id: UUID) -> HouseholdOut:
    """Return a household with its members and log the access. Raises NotFound."""
    household = await show_household(unit, instance_key, household_id)
    log_access(unit, household_id, "household_read")
    return household


async def show_household(unit: UnitOfWork, instance_key: InstanceKey, household_id: UUID) -> HouseholdOut:
    """Return a household with its members to the user who has just changed it. Raises NotFound."""
    household = await unit.get(Household, household_id)
    people = await members_of(unit, household_id)
    identities = await identities_of(unit, instance_key, people)
    return HouseholdOut(
        household_id=household.id,
        version=household.version,
        area=household.area,
        cell=household.cell,
        shelter=household.shelter,
        own_income=household.own_income,
        other_aid=household.other_aid,
        members=[
            _person_listed(person, identities[person.id]) for person in people if person.id in identities
        ],
    )


async def members_of(unit: UnitOfWork, household_id: UUID) -> Sequence[Person]:
    """Return the people of a household, the head first."""
    people = await unit.session.scalars(
        select(Person).where(Person.household_id == household_id).order_by(Person.created, Person.id)
    )
    return sorted(people, key=lambda person: not person.is_head)


async def identities_of(
    unit: UnitOfWork, instance_key: InstanceKey, people: Sequence[Person]
) -> dict[UUID, IdentityRecord]:
    """Return the identities of people by id, without erased people. One statement."""
    ciphers = await ciphers_of(unit, instance_key, [person.id for person in people])
    return {person.id: person.read_identity(ciphers[person.id]) for person in people if person.id in ciphers}


async def get_part(unit: UnitOfWork, part: type[P], person_id: UUID, id_: UUID) -> P:
    """Return a row that belongs to a person. Raises NotFound, also for a row of another person."""
    found = await unit.get(part, id_)
    if found.root != person_id:
        raise NotFound(f"There is no {part.__tablename__.replace('_', ' ')} {id_} of this person.")
    return found


async def list_timeline(unit: UnitOfWork, person_id: UUID, cursor: Cursor) -> Page[TimelineItem]:
    """Return a page of a person's timeline, the newest entry first. Raises NotFound."""
    await unit.get(Person, person_id)
    entries = select(TimelineEntry).where(
        TimelineEntry.agency == unit.principal.agency, TimelineEntry.root == person_id
    )
    return await page_of(unit.session, entries, cursor, TimelineItem.model_validate, by=TimelineEntry)


def _person_out(person: Person, identity: IdentityRecord) -> PersonOut:
    return PersonOut(
        person_id=person.id,
        household_id=person.household_id,
        created=person.created,
        state=RegistrationState(person.state),
        relation=Relation(person.relation),
        sex=person.sex,
        population_group=person.population_group,
        language=person.language,
        identity=IdentityOut.model_validate(identity),
    )


def _person_listed(person: Person, identity: IdentityRecord) -> PersonListed:
    return PersonListed(
        person_id=person.id,
        household_id=person.household_id,
        state=RegistrationState(person.state),
        relation=Relation(person.relation),
        name=identity.full_name,
    )
