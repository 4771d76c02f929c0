"""Reading under a consent. First in the recipient's scope, where the database shows a package only while its
share lasts; then in the owner's, where the reading is logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from solidary.language.country import CountryPack
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.desk.needs.models import Need
from intake.desk.needs.rules import FUNCTIONAL_DIFFICULTY, NeedState
from intake.registry.access_log.models import log_access
from intake.registry.encryption.models import seals_of
from intake.registry.encryption.rules import InstanceKey
from intake.registry.households.models import Household
from intake.registry.people import rules
from intake.registry.people.models import Person
from intake.registry.people.queries import members
from intake.registry.people.schemas import Document, Identity
from intake.sharing.consents.models import Consent
from intake.sharing.consents.rules import Category, Purpose
from intake.sharing.packages.models import Package
from intake.sharing.packages.schemas import PackageOut, PayeeOut, ProfileOut


async def fetch(unit: UnitOfWork, instance: InstanceKey, package_id: UUID) -> PackageOut:
    """A package, to its recipient, while its consent is in force. Raises NotFound otherwise."""
    package = await _within_reach(unit, package_id)
    seal = (await seals_of(unit, instance, [package.person_id])).get(package.person_id)
    if seal is None:
        raise NotFound(f"no package {package_id}")
    _log(unit, package, "package_fetched")
    return PackageOut(
        package_id=package.id,
        consent_id=package.consent_id,
        purpose=package.purpose,
        person_id=package.person_id,
        household_id=package.household_id,
        data=package.opened(seal),
    )


async def profile(unit: UnitOfWork, country: CountryPack, household_id: UUID, package_id: UUID) -> ProfileOut:
    """The household as it is now, in codes. Raises NotFound as `fetch` does."""
    package = await _within_reach(unit, package_id, Category.HOUSEHOLD_PROFILE)
    if package.household_id != household_id:
        raise NotFound(f"no household {household_id}")
    household = await unit.get(Household, household_id)
    people = await members(unit, household_id)
    bands = Counter(rules.band(person.birth_month, unit.now.date()) or "unknown" for person in people)
    _log(unit, package, "profile_fetched")
    return ProfileOut(
        household_id=household.id,
        version=household.version,
        payout_version=(await unit.get(Person, package.person_id)).payout_version,
        size=len(people),
        age_bands={str(band): count for band, count in sorted(bands.items())},
        disability=await _with_difficulty(unit, people),
        shelter=household.shelter,
        area=household.area,
        own_income=household.own_income,
        other_aid=household.other_aid,
        currency=country.currency.code,
    )


async def payees(
    unit: UnitOfWork, instance: InstanceKey, country: CountryPack, package_ids: Sequence[UUID]
) -> list[PayeeOut]:
    """Those of the packages whose consent is in force, in the order asked; the caller sees who is missing."""
    recipient = unit.principal.agency
    wanted = select(Package).where(
        Package.id.in_(package_ids), Package.recipient == recipient, Package.purpose == Purpose.CASH
    )
    found: dict[UUID, PayeeOut] = {}
    packages = await unit.session.scalars(wanted.order_by(Package.agency))
    for owner, theirs in groupby(packages, key=attrgetter("agency")):
        await unit.act_for(owner)
        for payee in await _payees_of_owner(unit, instance, country, list(theirs)):
            found[payee.package_id] = payee
    return [found[id_] for id_ in package_ids if id_ in found]


async def _payees_of_owner(
    unit: UnitOfWork, instance: InstanceKey, country: CountryPack, packages: Sequence[Package]
) -> list[PayeeOut]:
    consents = await unit.session.scalars(
        select(Consent).where(Consent.id.in_([package.consent_id for package in packages]))
    )
    open_ = {
        consent.id
        for consent in consents
        if consent.in_force(unit.now) and Category.PAYEE in consent.categories
    }
    packages = [package for package in packages if package.consent_id in open_]
    ids = [package.person_id for package in packages]
    people = {
        person.id: person for person in await unit.session.scalars(select(Person).where(Person.id.in_(ids)))
    }
    seals = await seals_of(unit, instance, ids)
    payees = []
    for package in packages:
        if package.person_id not in seals:
            continue
        person, seal = people[package.person_id], seals[package.person_id]
        identity = person.identify(seal)
        _log(unit, package, "payee_fetched")
        payees.append(
            PayeeOut(
                package_id=package.id,
                household_id=person.household_id,
                person_id=person.id,
                name=identity.full_name,
                payout=person.pay_out(seal),
                payout_version=person.payout_version,
                document=_identity_document(identity, country),
            )
        )
    return payees


async def _within_reach(unit: UnitOfWork, package_id: UUID, category: Category | None = None) -> Package:
    """The package, and the unit moved to its owner. Raises NotFound without a consent in force."""
    package = await unit.get(Package, package_id)
    if package.recipient == unit.principal.agency:
        await unit.act_for(package.agency)
        consent = await unit.get(Consent, package.consent_id)
        if consent.in_force(unit.now) and (category is None or category in consent.categories):
            return package
    raise NotFound(f"no package {package_id}")


async def _with_difficulty(unit: UnitOfWork, people: Sequence[Person]) -> int:
    difficulties = select(Need.root).where(
        Need.root.in_([person.id for person in people]),
        Need.code.startswith(FUNCTIONAL_DIFFICULTY),
        Need.state == NeedState.OPEN,
    )
    return len(set(await unit.session.scalars(difficulties)))


def _identity_document(identity: Identity, country: CountryPack) -> Document | None:
    """The first that a payer may ask to see."""
    known = country.documents
    return next(
        (paper for paper in identity.documents if paper.kind in known and known[paper.kind].identity), None
    )


def _log(unit: UnitOfWork, package: Package, action: str) -> None:
    log_access(unit, package.person_id, action, reference=package.id, recipient=package.recipient)
