"""The registration of a household; sending it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence, Set
from uuid import UUID, uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import HouseholdChanged, PersonRegistered
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import select

from intake.desk.needs.commands import add_need
from intake.desk.registrations.models import Registration
from intake.desk.registrations.records import SealedMember, SealedRegistration
from intake.desk.registrations.schemas import RegistrationIn
from intake.desk.registrations.sealing import seal
from intake.problems import RegistrationIdReused
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import receive
from intake.registry.encryption.models import add_keys
from intake.registry.encryption.rules import InstanceKey
from intake.registry.external_ids.commands import require_free
from intake.registry.external_ids.models import Identified, IdentifiedKind, PersonExternalId
from intake.registry.people.models import Household, Person
from intake.registry.people.rules import RegistrationState, Relation
from intake.registry.search.models import Search
from intake.registry.search_index.commands import index_people
from intake.registry.search_index.queries import indexed_strong_tokens
from intake.registry.timeline.models import add_timeline_entry


async def register(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    client_id: UUID,
    registration_in: RegistrationIn,
) -> tuple[Registration, bool]:
    """Register a household, and return the registration and whether it is new.

    Raises Invalid, NeedRestricted, ExternalIdTaken, and RegistrationIdReused where the id belongs to other content.
    """
    sealed = seal(instance_key, country, unit.today, client_id, registration_in)
    await lock_by_name(unit, f"registration {unit.principal.agency} {client_id}")
    existing = await unit.session.scalar(
        select(Registration).where(
            Registration.agency == unit.principal.agency, Registration.client_id == client_id
        )
    )
    if existing is not None:
        if existing.request_digest != sealed.registration.digest:
            raise RegistrationIdReused
        return existing, False
    members = sealed.registration.members
    provisional = await _provisional_members(unit, registration_in.search_id, members)
    await require_free(unit, sealed.registration.all_external_ids)
    add_keys(unit, instance_key, sealed.keys)
    (registration,) = await write(unit, [sealed.registration], provisional)
    receive(unit, [member.person_id for member in members])
    return registration, True


async def write(
    unit: UnitOfWork, registrations: Sequence[SealedRegistration], provisional: Set[UUID]
) -> list[Registration]:
    """Write sealed registrations, whose people's keys are stored already, with their log, timelines and events.

    The number of statements does not grow with theirs, for up to some hundred people.
    """
    written: list[Registration] = []
    households = [_household(each) for each in registrations]
    unit.add(*households)
    await unit.flush()
    for household, each in zip(households, registrations, strict=True):
        for member in each.members:
            _add_person(
                unit, household.id, each.indexed_by, member, is_provisional=member.person_id in provisional
            )
        _add_external_ids(unit, household.id, each)
        written.append(
            Registration(
                root=household.id,
                client_id=each.client_id,
                request_digest=each.digest,
                members=[member.person_id for member in each.members],
            )
        )
    unit.add(*written)
    await unit.flush()
    await index_people(
        unit,
        {
            member.person_id: {each.token: each.is_strong for each in member.indexed}
            for registration in registrations
            for member in registration.members
        },
    )
    for household, each in zip(households, registrations, strict=True):
        unit.publish(HouseholdChanged(household_id=household.id, version=household.version))
        for member in each.members:
            unit.publish(PersonRegistered(person_id=member.person_id))
    return written


async def _provisional_members(
    unit: UnitOfWork, search_id: UUID | None, members: Sequence[SealedMember]
) -> set[UUID]:
    """Return the members who may be registered already, if nobody searched for them first.

    Raises Invalid for a search that does not exist.
    """
    if search_id is not None:
        if await unit.session.get(Search, search_id) is None:
            raise Invalid(
                "There is no such search.",
                Fault("/search_id", "This must be a search of your agency in the last day. Search again."),
            )
        return set()
    indexed = await indexed_strong_tokens(unit, [token for member in members for token in member.wanted])
    return {member.person_id for member in members if not indexed.isdisjoint(member.wanted)}


def _household(registration: SealedRegistration) -> Household:
    household = Household(id=uuid4())
    household.update(**registration.household.model_dump())
    return household


def _add_external_ids(unit: UnitOfWork, household_id: UUID, registration: SealedRegistration) -> None:
    for member in registration.members:
        person = Identified(IdentifiedKind.PERSON, member.person_id, member.person_id)
        unit.add(*(PersonExternalId.of(person, each) for each in member.external_ids))
        if member.relation == Relation.HEAD:
            home = Identified(IdentifiedKind.HOUSEHOLD, household_id, member.person_id)
            unit.add(*(PersonExternalId.of(home, each) for each in registration.external_ids))


def _add_person(
    unit: UnitOfWork, household_id: UUID, indexed_by: str, member: SealedMember, *, is_provisional: bool
) -> None:
    coded = member.model_dump(
        include={"relation", "sex", "population_group", "language", "birth_year", "identity"}
    )
    state = RegistrationState.PROVISIONAL if is_provisional else RegistrationState.REGISTERED
    unit.add(
        Person(id=member.person_id, household_id=household_id, state=state, indexed_by=indexed_by, **coded)
    )
    log_access(unit, [member.person_id], AccessAction.PERSON_REGISTERED, reference=household_id)
    add_timeline_entry(unit, member.person_id, "person_registered", household_id)
    for need in member.needs:
        add_need(unit, member.person_id, need)
