"""A person lets an agency know something, and takes it back."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import ConsentExpired, ConsentGranted, ConsentWithdrawn
from solidary.language.problems import Fault, Invalid
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import delete, select

from intake.desk.needs.models import Need
from intake.desk.needs.rules import NeedState
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.rules import is_child
from intake.registry.people.schemas import Identity
from intake.registry.timeline.models import note
from intake.sharing.consents import rules
from intake.sharing.consents.models import Consent
from intake.sharing.consents.rules import State
from intake.sharing.consents.schemas import ConsentIn
from intake.sharing.packages.models import Package
from intake.sharing.packages.rules import Facts, contents


async def grant(unit: UnitOfWork, instance: InstanceKey, pack: CountryPack, said: ConsentIn) -> Consent:
    """Keeps what may be fetched as a package, and opens that package to the recipient."""
    person = await unit.get(Person, said.person_id)
    rules.must_end_later(said.valid_until, unit.now)
    rules.must_fit(said.purpose, said.categories)
    needs = await _disclosed_needs(unit, said)
    giver = await unit.session.get(Person, said.given_by) if said.given_by else None
    seals = await seals_of(unit, instance, [person.id, *([giver.id] if giver else [])])
    identity = person.identify(seals[person.id])
    caregiver = (
        giver.identify(seals[giver.id]) if giver and giver.household_id == person.household_id else None
    )
    _must_be_theirs_to_give(said, identity, caregiver, unit.now.date())
    facts = Facts(identity, caregiver, person.language, person.population_group, needs, pack, unit.now.date())
    consent = _consent(unit, person, said)
    unit.add(consent)
    await unit.flush()
    package = Package.of(consent, contents(said.categories, facts), seals[person.id])
    unit.add(package)
    if consent.recipient != consent.agency:
        unit.add(_opening(consent, package))
    unit.publish(
        ConsentGranted(
            consent_id=consent.id,
            person_id=person.id,
            household_id=person.household_id,
            purpose=consent.purpose,
            recipient=consent.recipient,
            package_id=consent.package_id,
            valid_until=consent.valid_until,
        ),
        about=consent,
        parties=[consent.recipient],
    )
    note(unit, person.id, "consent_granted", consent.id)
    return consent


async def withdraw(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """No new use from now on. What was fetched before stays fetched; the recipient is told to stop."""
    return await _end(unit, await unit.lock(Consent, consent_id), State.WITHDRAWN)


async def expire(unit: UnitOfWork, consent_id: UUID) -> None:
    """The consent's time is over, unless it was withdrawn in the meantime."""
    consent = await unit.lock(Consent, consent_id)
    if consent.state == State.GRANTED:
        await _end(unit, consent, State.EXPIRED)


async def _end(unit: UnitOfWork, consent: Consent, to: State) -> Consent:
    consent.end(to, unit.now)
    await unit.session.execute(delete(Share).where(Share.root == consent.package_id))
    told = ConsentWithdrawn if to is State.WITHDRAWN else ConsentExpired
    unit.publish(
        told(
            consent_id=consent.id,
            person_id=consent.person_id,
            purpose=consent.purpose,
            recipient=consent.recipient,
            package_id=consent.package_id,
        ),
        about=consent,
        parties=[consent.recipient],
    )
    note(unit, consent.person_id, f"consent_{to}", consent.id)
    return consent


def _consent(unit: UnitOfWork, person: Person, said: ConsentIn) -> Consent:
    return Consent(
        id=uuid4(),
        root=person.id,
        agency=unit.principal.agency,
        household_id=person.household_id,
        package_id=uuid4(),
        state=State.GRANTED,
        categories=sorted(said.categories),
        **said.model_dump(exclude={"categories", "needs"}),
    )


def _opening(consent: Consent, package: Package) -> Share:
    return share(
        root=package.root,
        owner=consent.agency,
        agency=consent.recipient,
        level=ShareLevel.READ,
        why="consent",
        reference=consent.id,
        sort=consent.created,
        until=consent.valid_until,
    )


def _must_be_theirs_to_give(said: ConsentIn, person: Identity, giver: Identity | None, today: date) -> None:
    rules.must_be_given_by_a_caregiver(
        child=is_child(person.born, today),
        basis=said.basis,
        giver_is_adult_of_household=giver is not None and not is_child(giver.born, today),
    )
    if said.given_by and giver is None:
        raise Invalid("no such person in the household", Fault("/given_by", "is not of this household"))


async def _disclosed_needs(unit: UnitOfWork, said: ConsentIn) -> tuple[str, ...]:
    """The named codes, each an open ordinary need of the person. Raises Invalid for any other."""
    open_needs = select(Need.code).where(
        Need.agency == unit.principal.agency, Need.root == said.person_id, Need.state == NeedState.OPEN
    )
    recorded = set(await unit.session.scalars(open_needs)) if said.needs else set()
    faults = [
        Fault(f"/needs/{place}", "is not an open need that the desk recorded")
        for place, code in enumerate(said.needs)
        if code not in recorded
    ]
    if faults:
        raise Invalid("only recorded needs can be shared", *faults)
    return said.needs
