"""Reads under a consent. Each is logged by the owner of the data.

A read begins in the recipient's scope, where the database shows a package only while its share lasts; then it
moves to the owner's scope, where the consent is checked and the read is logged.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from solidary.language.codes.people import AgeBand
from solidary.language.country import CountryPack
from solidary.language.problems import NotFound
from solidary.platform.database import UnitOfWork
from solidary.platform.database.arrays import uuid_array
from sqlalchemy import any_, func, select

from intake.desk.needs.queries import count_people_with_functional_difficulty
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.models import open_many, open_people
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.legal_holds.commands import hold_open_payments
from intake.registry.people.models import Household, Person, decrypt_identity, decrypt_payout
from intake.registry.people.queries import members_of
from intake.registry.people.records import DocumentRecord, IdentityRecord
from intake.registry.people.rules import RegistrationState
from intake.registry.people.schemas import DocumentOut, PayoutOut
from intake.sharing.consents.models import Consent
from intake.sharing.consents.rules import ConsentState, Purpose, is_in_force
from intake.sharing.disclosures.metrics import count_refused_checks
from intake.sharing.disclosures.models import ConsentUse
from intake.sharing.disclosures.payment_facts import payment_facts
from intake.sharing.disclosures.schemas import (
    PAYEES,
    PackageOut,
    PayeeOut,
    PayeesIn,
    PreviewOut,
    ProfileOut,
)
from intake.sharing.packages.models import Package
from intake.sharing.packages.rules import DataCategory
from intake.sharing.payee_permits.commands import use_permit


async def use_consent(unit: UnitOfWork, package_id: UUID, reference: UUID) -> Consent:
    """Return the consent of a package while it is in force, and record for which case it is used.

    The agency that registered the person and the recipient may use it, and a case stays about the same person. Raises
    NotFound otherwise.
    """
    with count_refused_checks():
        package = await unit.get(Package, package_id)
        if unit.principal.agency in (package.agency, package.recipient):
            await unit.act_for(package.agency)
            consent = await unit.get(Consent, package.consent_id)
            if _allows(consent, None, unit):
                await _record_use(unit, package, reference)
                return consent
        raise NotFound(f"There is no package {package_id}.")


async def _record_use(unit: UnitOfWork, package: Package, reference: UUID) -> None:
    use = await unit.session.get(ConsentUse, reference)
    if use is not None and use.person_id != package.person_id:
        raise NotFound(f"The case {reference} is about another person than the package {package.id}.")
    log_access(
        unit,
        [package.person_id],
        AccessAction.CONSENT_USED,
        reference=package.id,
        recipient=package.recipient,
    )
    if use is None:
        use = ConsentUse(id=reference, service=unit.principal.caller or "")
        unit.add(use)
    use.consent_id, use.package_id = package.consent_id, package.id
    use.person_id, use.household_id = package.person_id, package.household_id


async def read_preview(unit: UnitOfWork, instance_key: InstanceKey, package_id: UUID) -> PreviewOut:
    """Return the coded facts that a recipient sees before it accepts. Raises NotFound as `read_package` does."""
    package = await _open_package(unit, package_id)
    opened = await open_people(
        unit,
        instance_key,
        [package.person_id],
        AccessAction.PREVIEW_FETCHED,
        reference=package.id,
        recipient=package.recipient,
    )
    cipher = opened.get(package.person_id)
    if cipher is None:
        raise NotFound(f"There is no package {package_id}.")
    fields = package.read_fields(cipher)
    return PreviewOut(
        needs=fields.get("needs"), age_band=fields.get("age_band"), language=fields.get("language")
    )


async def read_package(unit: UnitOfWork, instance_key: InstanceKey, package_id: UUID) -> PackageOut:
    """Return a package to its recipient while its consent is in force. Raises NotFound otherwise."""
    package = await _open_package(unit, package_id, Purpose.REFERRAL)
    opened = await open_people(
        unit,
        instance_key,
        [package.person_id],
        AccessAction.PACKAGE_FETCHED,
        reference=package.id,
        recipient=package.recipient,
    )
    cipher = opened.get(package.person_id)
    if cipher is None:
        raise NotFound(f"There is no package {package_id}.")
    return PackageOut(
        package_id=package.id,
        consent_id=package.consent_id,
        purpose=package.purpose,
        person_id=package.person_id,
        household_id=package.household_id,
        data=package.read_fields(cipher),
    )


async def read_profile(
    unit: UnitOfWork, instance_key: InstanceKey, country: CountryPack, household_id: UUID, package_id: UUID
) -> ProfileOut:
    """Return the current coded profile of a household. Members who may be registered twice do not count in it.

    Raises NotFound as `read_package` does.
    """
    package = await _open_package(unit, package_id, Purpose.CASH, DataCategory.HOUSEHOLD_PROFILE)
    if package.household_id != household_id:
        raise NotFound(f"There is no household {household_id}.")
    household = await unit.get(Household, household_id)
    members = await members_of(unit, household_id)
    opened = await open_people(
        unit,
        instance_key,
        [person.id for person in members],
        AccessAction.PROFILE_FETCHED,
        reference=package.id,
        recipient=package.recipient,
    )
    facts = await payment_facts(unit, instance_key, package, members, opened)
    people = [
        each
        for each in members
        if each.id == package.person_id or each.state != RegistrationState.PROVISIONAL
    ]
    today = unit.today
    bands = Counter(
        _age_band(person.read_identity(opened[person.id]), today) for person in people if person.id in opened
    )
    return ProfileOut(
        **facts.model_dump(),
        household_id=household.id,
        version=household.version,
        payout_version=(await unit.get(Person, package.person_id)).payout_version,
        size=len(people),
        age_bands={str(band): count for band, count in sorted(bands.items())},
        disability=await count_people_with_functional_difficulty(unit, people),
        shelter=household.shelter,
        area=household.area,
        own_income=household.own_income,
        other_aid=household.other_aid,
        currency=country.currency.code,
    )


async def read_payees(
    unit: UnitOfWork, instance_key: InstanceKey, country: CountryPack, body: PayeesIn
) -> bytes:
    """Return the payees of payments whose package has a consent in force, in the order of the request, as JSON.

    Each payee cannot be erased until the outcome of the payment is known. The number of statements does not depend on
    that of the payments, and everything is decrypted and written in a thread: other requests are answered meanwhile.
    Raises as `use_permit`.
    """
    payments = [(payment.payment_id, payment.package_id) for payment in body.payments]
    await use_permit(unit, body.permit_id, body.batch, payments)
    recipient = unit.principal.agency
    package_ids = list(dict.fromkeys(package_id for _, package_id in payments))
    # A join with each id. For `= ANY`, PostgreSQL would hash all shares of the recipient, to see what it may read.
    asked = func.unnest(uuid_array(package_ids)).column_valued("asked")
    wanted = select(Package.agency, Package.id).where(
        Package.id == asked,
        Package.recipient == recipient,
        Package.purpose == Purpose.CASH,
    )
    packages = await unit.session.execute(wanted.order_by(Package.agency))
    found: dict[UUID, PayeeOut] = {}
    for owner, of_owner in groupby(packages, key=attrgetter("agency")):
        await unit.act_for(owner)
        people = await _payees_of_owner(unit, [package.id for package in of_owner])
        references = {person.id: package for package, person in people.items()}
        opened = await open_many(
            unit, instance_key, references, AccessAction.PAYEE_FETCHED, recipient=recipient
        )
        people = {package: person for package, person in people.items() if person.id in opened}
        holds = [(people[package].id, payment) for payment, package in payments if package in people]
        await hold_open_payments(unit, holds, country.data_protection)
        found |= await asyncio.to_thread(_decrypt_payees, people, opened, country)
    ordered = [found[package_id] for package_id in package_ids if package_id in found]
    return await asyncio.to_thread(PAYEES.dump_json, ordered)


async def _payees_of_owner(unit: UnitOfWork, packages: Sequence[UUID]) -> dict[UUID, Any]:
    """Return the people to be paid by the packages of the acting agency whose consent is in force.

    They are rows with the columns that a payee needs: a thousand entities would keep other requests waiting.
    """
    consented = (
        select(
            Package.id.label("package"),
            Consent.state,
            Consent.valid_until,
            Consent.categories,
            Person.id,
            Person.household_id,
            Person.identity,
            Person.payout,
            Person.payout_version,
        )
        .join(Consent, Consent.id == Package.consent_id)
        .join(Person, Person.id == Package.person_id)
        .where(Package.id == any_(uuid_array(packages)))
    )
    return {
        row.package: row
        for row in await unit.session.execute(consented)
        if is_in_force(ConsentState(row.state), row.valid_until, unit.now)
        and DataCategory.PAYEE in row.categories
    }


def _decrypt_payees(
    people: Mapping[UUID, Any], opened: Mapping[UUID, FieldCipher], country: CountryPack
) -> dict[UUID, PayeeOut]:
    """Return the payees of `people`: rows with the columns of a person, by package."""
    payees = {}
    for package_id, person in people.items():
        cipher = opened[person.id]
        identity = decrypt_identity(person.identity, cipher)
        payout = decrypt_payout(person.payout, cipher)
        document = _identity_document(identity, country)
        payees[package_id] = PayeeOut(
            package_id=package_id,
            household_id=person.household_id,
            person_id=person.id,
            name=identity.full_name,
            payout=PayoutOut.model_validate(payout) if payout else None,
            payout_version=person.payout_version,
            document=DocumentOut.model_validate(document) if document else None,
        )
    return payees


def _age_band(identity: IdentityRecord, on: date) -> str:
    return "unknown" if identity.born is None else AgeBand.of_birth(identity.born, on)


async def _open_package(
    unit: UnitOfWork, package_id: UUID, purpose: Purpose | None = None, category: DataCategory | None = None
) -> Package:
    """Return a package of the acting agency, for a purpose if one is given, and move the unit into its owner's scope.

    Raises NotFound without a consent in force for that purpose that names the category.
    """
    with count_refused_checks():
        package = await unit.get(Package, package_id)
        is_meant = purpose is None or package.purpose == purpose
        if package.recipient == unit.principal.agency and is_meant:
            await unit.act_for(package.agency)
            if _allows(await unit.get(Consent, package.consent_id), category, unit):
                return package
        raise NotFound(f"There is no package {package_id}.")


def _allows(consent: Consent, category: DataCategory | None, unit: UnitOfWork) -> bool:
    return consent.is_in_force(unit.now) and (category is None or category in consent.categories)


def _identity_document(identity: IdentityRecord, country: CountryPack) -> DocumentRecord | None:
    """Return the first identity document, which a payment provider may ask to see."""
    known = country.documents
    return next(
        (each for each in identity.documents if each.kind in known and known[each.kind].identity), None
    )
