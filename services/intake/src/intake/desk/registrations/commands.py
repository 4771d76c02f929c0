"""The registration of a household; sending it again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import HouseholdChanged, PersonRegistered
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import UnitOfWork
from solidary.platform.database.locks import lock_by_name
from sqlalchemy import select

from intake.desk.needs.commands import add_needs
from intake.desk.registrations.models import Registration
from intake.desk.registrations.schemas import MemberIn, RegistrationIn
from intake.problems import RegistrationIdReused
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.assignments.models import receive
from intake.registry.encryption.models import create_key
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.external_ids.commands import add_external_ids
from intake.registry.external_ids.models import Identified, IdentifiedKind
from intake.registry.people.models import Household, Person
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import RegistrationState, Relation, describe, require_valid_identities
from intake.registry.search.models import Search
from intake.registry.search_index.commands import (
    index_people,
    index_version,
    tokens_of,
    wanted_tokens_of,
)
from intake.registry.search_index.queries import indexed_strong_tokens
from intake.registry.search_index.rules import search_keys
from intake.registry.timeline.models import add_timeline_entry


@dataclass(frozen=True)
class _NewMember:
    """A member to register: the request's part, the place in it, the new id and the identity.

    `tokens` are those to index, `wanted_tokens` those by which the same person is found.
    """

    body: MemberIn
    pointer: str
    person_id: UUID
    identity: IdentityRecord
    tokens: Mapping[bytes, bool]
    wanted_tokens: Mapping[bytes, bool]


async def register(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    client_id: UUID,
    registration_in: RegistrationIn,
) -> tuple[Registration, bool]:
    """Register a household, and return the registration and whether it is new.

    Raises Invalid, NeedRestricted, and RegistrationIdReused where the id belongs to other content.
    """
    members = _new_members(instance_key, registration_in)
    identities = [(member.pointer, member.identity) for member in members]
    require_valid_identities(identities, country, unit.today)
    digest = instance_key.request_digest(digested_text(registration_in))
    await lock_by_name(unit, f"registration {unit.principal.agency} {client_id}")
    existing = await unit.session.scalar(
        select(Registration).where(
            Registration.agency == unit.principal.agency, Registration.client_id == client_id
        )
    )
    if existing is not None:
        if existing.request_digest != digest:
            raise RegistrationIdReused
        return existing, False
    household = await _add_household(unit, instance_key, registration_in, members)
    registration = Registration(
        root=household.id,
        client_id=client_id,
        request_digest=digest,
        members=[member.person_id for member in members],
    )
    unit.add(registration)
    return registration, True


def digested_text(registration_in: RegistrationIn) -> str:
    """Return the text of a registration for its digest: without identifiers where it has none.

    A registration that was sent before there were any has the same digest when it is sent again.
    """
    without = {
        place: {"external_ids"}
        for place, member in enumerate(registration_in.members)
        if not member.external_ids
    }
    household = set() if registration_in.household.external_ids else {"external_ids"}
    return registration_in.model_dump_json(exclude={"members": without, "household": household})


def _new_members(instance_key: InstanceKey, registration_in: RegistrationIn) -> list[_NewMember]:
    members = []
    for place, member_in in enumerate(registration_in.members):
        identity = member_in.to_identity_record()
        keys = list(search_keys(describe(identity, member_in.sex)))
        tokens, wanted = tokens_of(instance_key, keys), wanted_tokens_of(instance_key, keys)
        members.append(_NewMember(member_in, f"/members/{place}", uuid4(), identity, tokens, wanted))
    return members


async def _add_household(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    registration_in: RegistrationIn,
    members: Sequence[_NewMember],
) -> Household:
    provisional = await _provisional_members(unit, registration_in.search_id, members)
    household = Household()
    household.update(**registration_in.household.model_dump(exclude={"external_ids"}))
    unit.add(household)
    await unit.flush()
    identified = []
    for member in members:
        state = (
            RegistrationState.PROVISIONAL if member.person_id in provisional else RegistrationState.REGISTERED
        )
        cipher = _add_person(unit, instance_key, household.id, member, state)
        person = Identified(IdentifiedKind.PERSON, member.person_id, member.person_id)
        identified.append((person, cipher, member.body.external_ids))
        if member.body.relation is Relation.HEAD:
            home = Identified(IdentifiedKind.HOUSEHOLD, household.id, member.person_id)
            identified.append((home, cipher, registration_in.household.external_ids))
    await add_external_ids(unit, instance_key, identified)
    await unit.flush()
    receive(unit, [member.person_id for member in members])
    await index_people(unit, {member.person_id: member.tokens for member in members})
    unit.publish(HouseholdChanged(household_id=household.id, version=household.version))
    for member in members:
        unit.publish(PersonRegistered(person_id=member.person_id))
    return household


async def _provisional_members(
    unit: UnitOfWork, search_id: UUID | None, members: Sequence[_NewMember]
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
    strong = [token for member in members for token, is_strong in member.wanted_tokens.items() if is_strong]
    indexed = await indexed_strong_tokens(unit, strong)
    return {member.person_id for member in members if indexed & member.wanted_tokens.keys()}


def _add_person(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    household_id: UUID,
    member: _NewMember,
    state: RegistrationState,
) -> FieldCipher:
    person = Person(
        id=member.person_id,
        household_id=household_id,
        state=state,
        relation=member.body.relation,
        sex=member.body.sex,
        population_group=member.body.population_group,
        language=member.body.language,
        indexed_by=index_version(instance_key),
    )
    cipher = create_key(unit, instance_key, person.id)
    person.set_identity(member.identity, cipher)
    unit.add(person)
    log_access(unit, [person.id], AccessAction.PERSON_REGISTERED, reference=household_id)
    add_timeline_entry(unit, person.id, "person_registered", household_id)
    add_needs(unit, person.id, member.body.needs, f"{member.pointer}/needs", member.identity.born)
    return cipher
