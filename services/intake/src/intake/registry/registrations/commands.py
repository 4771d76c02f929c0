"""The desk registers a household; sending it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.language.events.intake import HouseholdChanged, PersonRegistered
from solidary.language.problems import Conflict, Fault, Invalid
from solidary.platform.database import UnitOfWork
from sqlalchemy import select, text

from intake.desk.needs import commands as needs
from intake.registry.encryption.models import give_key
from intake.registry.encryption.rules import InstanceKey
from intake.registry.households.models import Household
from intake.registry.people.models import Person
from intake.registry.people.rules import Status
from intake.registry.registrations.models import Registration
from intake.registry.registrations.schemas import MemberIn, RegistrationIn
from intake.registry.search import lookup
from intake.registry.search.models import Search, described, make_findable, tokens
from intake.registry.search.rules import marks
from intake.registry.timeline.models import note

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:registration, 0))")


async def register(
    unit: UnitOfWork, instance: InstanceKey, client_id: UUID, said: RegistrationIn
) -> tuple[Registration, bool]:
    """The registration, and whether it is new. Raises Conflict where the id stands for another household."""
    digest = instance.token("registration", said.model_dump_json())
    await unit.session.execute(ONE_AT_A_TIME, {"registration": f"{unit.principal.agency} {client_id}"})
    known = await unit.session.scalar(
        select(Registration).where(
            Registration.agency == unit.principal.agency, Registration.client_id == client_id
        )
    )
    if known is not None:
        if known.said != digest:
            raise Conflict("this registration id was sent before, with other content")
        return known, False
    return await _write(unit, instance, client_id, said, digest), True


async def _write(
    unit: UnitOfWork, instance: InstanceKey, client_id: UUID, said: RegistrationIn, digest: bytes
) -> Registration:
    household_id = uuid4()
    household = Household(id=household_id, root=household_id)
    household.becomes(said.household)
    unit.add(household)
    await unit.flush()
    people = [
        _register_member(unit, instance, household_id, member, place)
        for place, member in enumerate(said.members)
    ]
    await _look_for(unit, instance, said, people)
    registration = Registration(
        root=household_id, client_id=client_id, said=digest, members=[person.id for person in people]
    )
    unit.add(registration)
    unit.publish(HouseholdChanged(household_id=household_id, version=household.version))
    for person in people:
        unit.publish(PersonRegistered(person_id=person.id, household_id=household_id))
    return registration


async def _look_for(
    unit: UnitOfWork, instance: InstanceKey, said: RegistrationIn, people: Sequence[Person]
) -> None:
    """Makes the people findable; whoever looks known, and was not searched for, waits for somebody to look."""
    if said.search_id is not None and await unit.session.get(Search, said.search_id) is None:
        raise Invalid("no such search", Fault("/search_id", "is not a search of this agency in the last day"))
    about = {
        person.id: described(member.identity, member.sex)
        for person, member in zip(people, said.members, strict=True)
    }
    theirs = {id_: tokens(instance, marks(known)) for id_, known in about.items()}
    if said.search_id is None:
        strong = [token for found in theirs.values() for token, is_strong in found.items() if is_strong]
        known = await lookup.known(unit, strong)
        for person in people:
            if known & theirs[person.id].keys():
                person.status = Status.PROVISIONAL
    await unit.flush()
    await make_findable(unit, theirs)


def _register_member(
    unit: UnitOfWork, instance: InstanceKey, household_id: UUID, member: MemberIn, place: int
) -> Person:
    person_id = uuid4()
    seal = give_key(unit, instance, person_id)
    person = Person(
        id=person_id,
        root=person_id,
        household_id=household_id,
        status=Status.REGISTERED,
        relation=member.relation,
        sex=member.sex,
        population_group=member.population_group,
        language=member.language,
    )
    person.is_known_as(member.identity, seal)
    unit.add(person)
    note(unit, person_id, "person_registered", household_id)
    needs.record(unit, person_id, member.needs, f"/members/{place}/needs")
    return person
