"""Changes of people and households."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.language.country import CountryPack
from solidary.language.events.intake import HouseholdChanged
from solidary.language.external_ids import ExternalIdIn
from solidary.platform.database import UnitOfWork
from sqlalchemy import select

from intake.problems import PayoutUnknown
from intake.registry.access_log.rules import AccessAction, AccessReason
from intake.registry.assignments.models import require_need_to_know
from intake.registry.authorship.models import PayoutConfirmation
from intake.registry.encryption.models import open_person
from intake.registry.encryption.rules import InstanceKey
from intake.registry.external_ids.commands import replace_external_ids
from intake.registry.external_ids.models import Identified, IdentifiedKind
from intake.registry.people.models import Household, Person, lock_person
from intake.registry.people.records import IdentityRecord, PayoutRecord
from intake.registry.people.rules import RegistrationState, Relation, describe, require_valid_identities
from intake.registry.people.schemas import HouseholdIn, StatementsIn
from intake.registry.search_index.commands import index_version, reindex_people
from intake.registry.timeline.models import add_timeline_entry

_FIRST_MEMBER = (
    select(Person.id).order_by(Person.relation != Relation.HEAD, Person.created, Person.id).limit(1)
)
"""The head of a household, or after an erasure the member who was registered first."""


async def change_state(unit: UnitOfWork, person_id: UUID, to: RegistrationState) -> Person:
    """Confirm a provisional registration or verify a registered person. Raises NotFound, TransitionNotAllowed."""
    person = await lock_person(unit, person_id, AccessAction.PERSON_STATE_CHANGED)
    was_provisional = person.state == RegistrationState.PROVISIONAL
    person.change_state(to)
    if was_provisional:
        await bump_household_version(unit, person.household_id)
    add_timeline_entry(unit, person.id, f"person_{to}")
    return person


async def correct_identity(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    country: CountryPack,
    person_id: UUID,
    identity: IdentityRecord,
    reason: AccessReason | None,
) -> None:
    """Replace a person's identity, with its note. Packages keep what was shared before.

    Raises NotFound, NeedToKnowMissing, Invalid.
    """
    require_valid_identities([("", identity)], country, unit.today)
    person = await unit.lock(Person, person_id)
    await require_need_to_know(unit, person_id, reason)
    action = AccessAction.IDENTITY_CORRECTED
    cipher = await open_person(unit, instance_key, person_id, action, reason=reason)
    before = person.read_identity(cipher).born, person.payout_version
    person.set_identity(identity, cipher)
    if before != (identity.born, person.payout_version):
        await bump_household_version(unit, person.household_id)
    await reindex_people(unit, instance_key, {person_id: describe(identity, person.sex)})
    person.indexed_by = index_version(instance_key)
    add_timeline_entry(unit, person_id, "identity_corrected")


async def correct_statements(
    unit: UnitOfWork,
    instance_key: InstanceKey,
    person_id: UUID,
    statements: StatementsIn,
    reason: AccessReason | None,
) -> None:
    """Replace what a person states of themselves. Raises NotFound, NeedToKnowMissing."""
    person = await unit.lock(Person, person_id)
    await require_need_to_know(unit, person_id, reason)
    action = AccessAction.IDENTITY_CORRECTED
    cipher = await open_person(unit, instance_key, person_id, action, reason=reason)
    if not person.correct_statements(**statements.model_dump()):
        return
    await bump_household_version(unit, person.household_id)
    identity = person.read_identity(cipher)
    await reindex_people(unit, instance_key, {person_id: describe(identity, person.sex)})
    person.indexed_by = index_version(instance_key)
    add_timeline_entry(unit, person_id, "identity_corrected")


async def set_payout(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, payout: PayoutRecord
) -> None:
    """Record where a person is paid. The access log names the user: a fraud would begin here. Raises NotFound."""
    person = await unit.lock(Person, person_id)
    before = person.payout_version
    cipher = await open_person(unit, instance_key, person_id, AccessAction.PAYOUT_WRITTEN)
    person.set_payout(payout, cipher)
    if before != person.payout_version:
        await bump_household_version(unit, person.household_id)
        add_timeline_entry(unit, person_id, "payout_changed")


async def confirm_payout(unit: UnitOfWork, person_id: UUID) -> PayoutConfirmation:
    """Confirm the account of a person, so that it may be paid before its rest is over.

    Raises NotFound, PayoutUnknown, and PayoutConfirmedByWriter where the principal wrote it.
    """
    person = await lock_person(unit, person_id, AccessAction.PAYOUT_CONFIRMED)
    if not person.payout_version:
        raise PayoutUnknown
    confirmation = PayoutConfirmation(id=uuid4(), root=person.id, payout_version=person.payout_version)
    unit.add(confirmation)
    await unit.flush()
    await bump_household_version(unit, person.household_id)
    return confirmation


async def update_household(unit: UnitOfWork, household_id: UUID, household_in: HouseholdIn) -> Household:
    """Record a household's new place and means. Raises NotFound."""
    household = await unit.lock(Household, household_id)
    household.update(**household_in.model_dump())
    _publish_change(unit, household)
    return household


async def replace_person_external_ids(
    unit: UnitOfWork, instance_key: InstanceKey, person_id: UUID, external_ids: Sequence[ExternalIdIn]
) -> None:
    """Replace the agency's identifiers of a person. Raises NotFound, ExternalIdTaken."""
    await unit.lock(Person, person_id)
    cipher = await open_person(unit, instance_key, person_id, AccessAction.EXTERNAL_IDS_CHANGED)
    identified = Identified(IdentifiedKind.PERSON, person_id, person_id)
    await replace_external_ids(unit, instance_key, identified, cipher, external_ids)


async def replace_household_external_ids(
    unit: UnitOfWork, instance_key: InstanceKey, household_id: UUID, external_ids: Sequence[ExternalIdIn]
) -> None:
    """Replace the agency's identifiers of a household, which go with the head. Raises NotFound, ExternalIdTaken."""
    await unit.lock(Household, household_id)
    head = await unit.session.scalar(_FIRST_MEMBER.where(Person.household_id == household_id))
    assert head is not None, "a household has somebody"
    action = AccessAction.EXTERNAL_IDS_CHANGED
    cipher = await open_person(unit, instance_key, head, action, reference=household_id)
    identified = Identified(IdentifiedKind.HOUSEHOLD, household_id, head)
    await replace_external_ids(unit, instance_key, identified, cipher, external_ids)


async def bump_household_version(unit: UnitOfWork, household_id: UUID) -> None:
    """Record that the coded profile of a household has changed through one of its members."""
    household = await unit.lock(Household, household_id)
    household.bump_version()
    _publish_change(unit, household)


def _publish_change(unit: UnitOfWork, household: Household) -> None:
    unit.publish(HouseholdChanged(household_id=household.id, version=household.version), about=household)
