"""The granting and the end of consents."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime
from uuid import UUID, uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import ConsentEnded
from solidary.language.problems import Fault, Invalid, NotFound
from solidary.platform.database import Share, ShareLevel, UnitOfWork
from solidary.platform.database.scope import share
from sqlalchemy import delete, or_, select

from intake.desk.needs.queries import open_need_codes
from intake.registry.access_log.models import log_access
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import require_need_to_know
from intake.registry.encryption.models import open_people
from intake.registry.encryption.rules import FieldCipher, InstanceKey
from intake.registry.people.models import Person
from intake.registry.people.records import IdentityRecord
from intake.registry.people.rules import is_child, require_possible_days
from intake.registry.timeline.models import add_timeline_entry
from intake.sharing.consents import rules
from intake.sharing.consents.models import Consent
from intake.sharing.consents.rules import ConsentActor, ConsentState
from intake.sharing.consents.schemas import ConsentIn
from intake.sharing.packages.models import Package
from intake.sharing.packages.rules import PackageSubject, package_fields


async def grant(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    agencies: Set[UUID],
    consent_in: ConsentIn,
    reason: AccessReason | None,
) -> Consent:
    """Record a consent, make the package that it opens, and share that package.

    `agencies` are those of the instance. Raises NotFound, Invalid, and NeedToKnowMissing where the consent lists needs
    (a refusal would tell which of them are open).
    """
    person = await unit.get(Person, consent_in.person_id)
    months = country.data_protection.consent_months
    valid_until = consent_in.valid_until or rules.default_end(unit.now, months)
    rules.require_other_agency(consent_in.recipient, unit.principal.agency, agencies)
    rules.require_allowed_basis(consent_in.purpose, consent_in.basis, country.data_protection.bases)
    rules.require_future_end(valid_until, unit.now)
    require_possible_days({"/best_interest": consent_in.best_interest}, unit.today)
    if consent_in.needs:
        await require_need_to_know(unit, person.id, reason)
    await _require_valid_content(unit, consent_in)
    subject, cipher = await _package_subject(unit, instance_key, country, person, consent_in, reason)
    consent = _consent(unit, person, consent_in, valid_until)
    unit.add(consent)
    await unit.flush()
    package = _package(consent)
    package.set_fields(package_fields(consent_in.categories, subject), cipher)
    unit.add(package)
    unit.add(_share(consent, package))
    add_timeline_entry(unit, person.id, "consent_granted", consent.id)
    return consent


async def withdraw(unit: UnitOfWork, consent_id: UUID) -> Consent:
    """Withdraw a consent: the recipient reads nothing more, and is informed. Raises NotFound, TransitionNotAllowed."""
    consent = await unit.lock(Consent, consent_id)
    return await _end(unit, consent, ConsentState.WITHDRAWN, ConsentActor.DESK)


async def expire(unit: UnitOfWork, consent_id: UUID) -> None:
    """Expire a consent, unless it was withdrawn in the meantime."""
    consent = await unit.lock(Consent, consent_id)
    if consent.state == ConsentState.GRANTED:
        await _end(unit, consent, ConsentState.EXPIRED, ConsentActor.TIMER)


async def end_all_of(unit: UnitOfWork, person_id: UUID) -> set[UUID]:
    """End the consents that a person has or gave for a child, before they are erased; return the recipients."""
    granted = select(Consent).where(
        Consent.agency == unit.principal.agency,
        or_(Consent.root == person_id, Consent.given_by == person_id),
        Consent.state == ConsentState.GRANTED,
    )
    consents = (await unit.session.scalars(granted.order_by(Consent.id).with_for_update())).all()
    for consent in consents:
        await _end(unit, consent, ConsentState.WITHDRAWN, ConsentActor.DESK)
    return {consent.recipient for consent in consents}


async def _end(unit: UnitOfWork, consent: Consent, to: ConsentState, actor: ConsentActor) -> Consent:
    consent.end(to, actor, unit.now)
    log_access(unit, consent.people, AccessAction.CONSENT_ENDED, reference=consent.id)
    await unit.session.execute(delete(Share).where(Share.root == consent.package_id))
    unit.publish(ConsentEnded(consent_id=consent.id), about=consent, parties=[consent.recipient])
    add_timeline_entry(unit, consent.person_id, f"consent_{to}", consent.id)
    return consent


async def _require_valid_content(unit: UnitOfWork, consent_in: ConsentIn) -> None:
    rules.require_allowed_categories(consent_in.purpose, consent_in.categories)
    open_codes = await open_need_codes(unit, consent_in.person_id) if consent_in.needs else set()
    rules.require_recorded_needs(consent_in.needs, open_codes)


async def _package_subject(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person: Person,
    consent_in: ConsentIn,
    reason: AccessReason | None,
) -> tuple[PackageSubject, FieldCipher]:
    """Return the attributes that a package is made from, and the person's cipher. Raises Invalid for the giver."""
    giver = await unit.session.get(Person, consent_in.given_by) if consent_in.given_by else None
    people = [person, giver] if giver else [person]
    person_ids = [each.id for each in people]
    granted = AccessAction.CONSENT_GRANTED
    ciphers = await open_people(unit, instance_key, person_ids, granted, reason=reason)
    if person.id not in ciphers:
        raise NotFound(f"There is no person {person.id} within your agency's reach.")
    identity = person.read_identity(ciphers[person.id])
    is_caregiver = giver is not None and giver.household_id == person.household_id and giver.id in ciphers
    caregiver = giver.read_identity(ciphers[giver.id]) if giver and is_caregiver else None
    today = unit.today
    _require_valid_giver(consent_in, identity, caregiver, today)
    subject = PackageSubject(
        person=identity,
        caregiver=caregiver,
        language=person.language,
        population_group=person.population_group,
        needs=consent_in.needs,
        country=country,
        today=today,
    )
    return subject, ciphers[person.id]


def _require_valid_giver(
    consent_in: ConsentIn, person: IdentityRecord, giver: IdentityRecord | None, today: date
) -> None:
    if is_child(person.born, today):
        rules.require_protection_of_child(
            giver_is_adult_of_household=giver is not None and not is_child(giver.born, today),
            assent=consent_in.assent,
            best_interest=consent_in.best_interest,
        )
    if consent_in.given_by and giver is None:
        raise Invalid(
            "There is no such person in the household.",
            Fault("/given_by", "This person does not belong to the household."),
        )


def _consent(unit: UnitOfWork, person: Person, consent_in: ConsentIn, valid_until: datetime) -> Consent:
    return Consent(
        root=person.id,
        agency=unit.principal.agency,
        household_id=person.household_id,
        package_id=uuid4(),
        state=ConsentState.GRANTED,
        categories=sorted(consent_in.categories),
        valid_until=valid_until,
        **consent_in.model_dump(exclude={"categories", "needs", "valid_until"}),
    )


def _package(consent: Consent) -> Package:
    return Package(
        id=consent.package_id,
        consent_id=consent.id,
        person_id=consent.person_id,
        household_id=consent.household_id,
        purpose=consent.purpose,
        recipient=consent.recipient,
    )


def _share(consent: Consent, package: Package) -> Share:
    return share(
        root=package.root,
        owner=consent.agency,
        agency=consent.recipient,
        level=ShareLevel.READ,
        reason="consent",
        reference=consent.id,
        valid_until=consent.valid_until,
    )
