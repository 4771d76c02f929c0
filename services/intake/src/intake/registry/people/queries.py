"""People and households as their own agency reads them; each access is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from solidary.language.problems import NotFound
from solidary.platform.database import AgencyEntity, UnitOfWork
from solidary.platform.web import Cursor, Page, page_of
from sqlalchemy import select

from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import assigned_to, needs_to_know
from intake.registry.encryption.models import open_people, open_person
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.queries import external_ids_of
from intake.registry.people.models import Household, Person
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import RegistrationState, Relation
from intake.registry.people.schemas import (
    HouseholdOut,
    IdentityOut,
    OfPerson,
    PersonListed,
    PersonOfList,
    PersonOut,
)
from intake.registry.timeline.models import TimelineEntry
from intake.registry.timeline.schemas import TimelineItem

P = TypeVar("P", bound=AgencyEntity)
N = TypeVar("N", bound=OfPerson)


async def get_person(
    unit: UnitOfWork, person_id: UUID, action: AccessAction, *, reason: AccessReason | None = None
) -> Person:
    """Return a person's row for an act on what belongs to them, and log it. Raises NotFound."""
    person = await unit.get(Person, person_id)
    log_access(unit, [person_id], action, reason=reason)
    return person


async def read_person(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    action: AccessAction = AccessAction.PERSON_READ,
    reason: AccessReason | None = None,
) -> PersonOut:
    """Return a person; `action` is that of a user who has just changed them. Raises NotFound.

    The note is withheld from a user who does not need to know it.
    """
    person = await unit.get(Person, person_id)
    cipher = await open_person(unit, instance_key, person_id, action, reason=reason)
    identity = person.read_identity(cipher)
    external_ids = await external_ids_of(unit, person_id, {person_id: cipher})
    is_withheld = identity.note is not None and not await needs_to_know(unit, person_id, reason)
    if is_withheld:
        identity = identity.model_copy(update={"note": None})
    shown = _person_out(person, identity)
    return shown.model_copy(update={"note_withheld": is_withheld, "external_ids": external_ids})


async def read_household(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    household_id: UUID,
    action: AccessAction = AccessAction.HOUSEHOLD_READ,
) -> HouseholdOut:
    """Return a household with its members; `action` is that of a user who has just changed it. Raises NotFound."""
    household = await unit.get(Household, household_id)
    people = await members_of(unit, household_id)
    person_ids = [person.id for person in people]
    ciphers = await open_people(unit, instance_key, person_ids, action, reference=household_id)
    identities = _identities(people, ciphers)
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
        external_ids=await external_ids_of(unit, household_id, ciphers),
    )


async def members_of(unit: UnitOfWork, household_id: UUID) -> Sequence[Person]:
    """Return the people of a household, the head first."""
    people = await unit.session.scalars(
        select(Person).where(Person.household_id == household_id).order_by(Person.created, Person.id)
    )
    return sorted(people, key=lambda person: not person.is_head)


async def list_people(
    unit: UnitOfWork, instance_key: InstanceKey, cursor: Cursor, state: RegistrationState | None
) -> Page[PersonOfList]:
    """Return a page of the people to whom the user is assigned, the newest first.

    Provisional registrations are shown to everybody at the desk until somebody has compared them; to software they are
    not. Each person shown is logged.
    """
    people = select(Person).where(Person.agency == unit.principal.agency)
    if state is not None:
        people = people.where(Person.state == state)
    if state is RegistrationState.PROVISIONAL:
        people = people.where(Person.same_as.is_(None))
    if state is not RegistrationState.PROVISIONAL or unit.principal.software is not None:
        people = people.where(Person.id.in_(assigned_to(unit)))
    page: Page[Person] = await page_of(unit.session, people, cursor, lambda person: person, by=Person)
    identities = await identities_of(unit, instance_key, page.items, AccessAction.PEOPLE_LISTED)
    shown = [
        PersonOfList(**_person_listed(person, identities[person.id]).model_dump(), created=person.created)
        for person in page.items
        if person.id in identities
    ]
    return Page(items=shown, next=page.next)


async def with_names(
    unit: UnitOfWork, instance_key: InstanceKey, page: Page[N], action: AccessAction
) -> Page[N]:
    """Return a page of what belongs to people, with their names and without erased people, and log each person."""
    person_ids = {item.person_id for item in page.items}
    people = (await unit.session.scalars(select(Person).where(Person.id.in_(person_ids)))).all()
    identities = await identities_of(unit, instance_key, people, action)
    named = [
        item.model_copy(update={"name": identities[item.person_id].full_name})
        for item in page.items
        if item.person_id in identities
    ]
    return Page(items=named, next=page.next)


async def identities_of(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    people: Sequence[Person],
    action: AccessAction,
    *,
    reference: UUID | None = None,
) -> dict[UUID, IdentityRecord]:
    """Return the identities of people by id, without erased people. One statement."""
    person_ids = [person.id for person in people]
    ciphers = await open_people(unit, instance_key, person_ids, action, reference=reference)
    return _identities(people, ciphers)


def _identities(people: Sequence[Person], ciphers: Mapping[UUID, FieldCipher]) -> dict[UUID, IdentityRecord]:
    return {person.id: person.read_identity(ciphers[person.id]) for person in people if person.id in ciphers}


async def get_part(
    unit: UnitOfWork,
    part: type[P],
    person_id: UUID,
    id_: UUID,
    action: AccessAction,
    *,
    reason: AccessReason | None = None,
) -> P:
    """Return a row that belongs to a person, and log it. Raises NotFound, also for a row of another person."""
    found = await unit.get(part, id_)
    if found.root != person_id:
        raise NotFound(f"There is no {part.__tablename__.replace('_', ' ')} {id_} of this person.")
    log_access(unit, [person_id], action, reason=reason, reference=id_)
    return found


async def list_timeline(unit: UnitOfWork, person_id: UUID, cursor: Cursor) -> Page[TimelineItem]:
    """Return a page of a person's timeline, the newest entry first. Raises NotFound."""
    await get_person(unit, person_id, AccessAction.TIMELINE_READ)
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
        same_as=person.same_as,
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
