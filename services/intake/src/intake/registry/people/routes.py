"""The routes of people, households and timelines."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from solidary.language.external_ids import ExternalIdsIn
from solidary.platform.database import UnitOfWork
from solidary.platform.identity import Duty
from solidary.platform.web import CurrentCountry, Cursor, Page, UpdatedCursor, agency, created, versioned

from intake.registry.access_log.dependencies import StatedReason
from intake.registry.access_log.rules import AccessAction
from intake.registry.encryption.dependencies import CurrentInstanceKey
from intake.registry.external_ids.models import PersonExternalId
from intake.registry.people import commands, queries
from intake.registry.people.models import Household, Person
from intake.registry.people.rules import RegistrationState
from intake.registry.people.schemas import (
    HouseholdIn,
    HouseholdOut,
    IdentityIn,
    PayoutConfirmationOut,
    PayoutIn,
    PayoutOut,
    PersonOfList,
    PersonOut,
    RegistrationStateIn,
    StatementsIn,
)
from intake.registry.timeline.schemas import TimelineItem

people = APIRouter(tags=["people"])
households = APIRouter(tags=["households"])
timeline = APIRouter(tags=["timeline"])

AnyDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER)]
Reader = Annotated[
    UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROTECTION_OFFICER, Duty.SOFTWARE_READ)
]
Desk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER)]
HouseholdDesk = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_REGISTER)]
HouseholdReader = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.SOFTWARE_READ)]
Confirming = Annotated[UnitOfWork, agency(Duty.FRONT_DESK, Duty.CASE_WORKER, needs_code=True)]


@people.get("/people")
async def list_people(
    unit: Reader,
    instance_key: CurrentInstanceKey,
    cursor: Annotated[Cursor, Depends()],
    state: RegistrationState | None = None,
) -> Page[PersonOfList]:
    """List the people to whom you are assigned, and with `state=provisional` those that somebody has to compare."""
    return await queries.list_people(unit, instance_key, cursor, state)


@people.get("/people/{person_id}")
@versioned(Person, PersonExternalId)
async def read_person(
    unit: Reader, instance_key: CurrentInstanceKey, person_id: UUID, reason: StatedReason = None
) -> PersonOut:
    """Read a person of the caller's agency. The access is logged."""
    return await queries.read_person(unit, instance_key, person_id, reason=reason)


@people.post("/people/{person_id}/state")
async def change_registration_state(
    unit: Desk,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    body: RegistrationStateIn,
    response: Response,
) -> PersonOut:
    """Confirm a provisional registration, or mark a registered person as verified."""
    created(await commands.change_state(unit, person_id, body.to), response)
    return await queries.read_person(unit, instance_key, person_id, AccessAction.PERSON_STATE_CHANGED)


@people.put("/people/{person_id}/identity")
@versioned(Person, PersonExternalId)
async def correct_identity(
    unit: AnyDesk,
    instance_key: CurrentInstanceKey,
    country: CurrentCountry,
    person_id: UUID,
    body: IdentityIn,
    reason: StatedReason = None,
) -> PersonOut:
    """Replace all identifying attributes of a person."""
    identity = body.to_identity_record()
    await commands.correct_identity(unit, instance_key, country, person_id, identity, reason)
    action = AccessAction.IDENTITY_CORRECTED
    return await queries.read_person(unit, instance_key, person_id, action, reason)


@people.put("/people/{person_id}/statements")
@versioned(Person, PersonExternalId)
async def correct_statements(
    unit: AnyDesk,
    instance_key: CurrentInstanceKey,
    person_id: UUID,
    body: StatementsIn,
    reason: StatedReason = None,
) -> PersonOut:
    """Replace what a person states of themselves: sex, population group and language."""
    await commands.correct_statements(unit, instance_key, person_id, body, reason)
    action = AccessAction.IDENTITY_CORRECTED
    return await queries.read_person(unit, instance_key, person_id, action, reason)


@people.put("/people/{person_id}/payout")
@versioned(Person, PersonExternalId)
async def set_payout(
    unit: Desk, instance_key: CurrentInstanceKey, person_id: UUID, body: PayoutIn
) -> PayoutOut:
    """Record where a person is paid. It is encrypted, and only cash reads it, for a payment under a consent."""
    await commands.set_payout(unit, instance_key, person_id, body.to_record())
    return PayoutOut.model_validate(body)


@people.post("/people/{person_id}/payout/confirmation", status_code=201)
async def confirm_payout(unit: Confirming, person_id: UUID, response: Response) -> PayoutConfirmationOut:
    """Confirm where a person is paid, as somebody who did not write it: it is then paid without a rest."""
    confirmation = await commands.confirm_payout(unit, person_id)
    response.headers["Location"] = f"/people/{person_id}"
    return PayoutConfirmationOut.model_validate(confirmation)


@households.get("/households/{household_id}")
@versioned(Household, PersonExternalId)
async def read_household(
    unit: HouseholdReader, instance_key: CurrentInstanceKey, household_id: UUID
) -> HouseholdOut:
    """Read a household and its members. The access is logged."""
    return await queries.read_household(unit, instance_key, household_id)


@households.put("/households/{household_id}")
@versioned(Household, PersonExternalId)
async def update_household(
    unit: HouseholdDesk, instance_key: CurrentInstanceKey, household_id: UUID, body: HouseholdIn
) -> HouseholdOut:
    """Replace a household's place and means."""
    await commands.update_household(unit, household_id, body)
    return await queries.read_household(unit, instance_key, household_id, AccessAction.HOUSEHOLD_CHANGED)


@people.put("/people/{person_id}/external-ids")
@versioned(Person, PersonExternalId)
async def replace_person_external_ids(
    unit: HouseholdDesk, instance_key: CurrentInstanceKey, person_id: UUID, body: ExternalIdsIn
) -> PersonOut:
    """Replace your agency's own identifiers of a person."""
    await commands.replace_person_external_ids(unit, instance_key, person_id, body.external_ids)
    return await queries.read_person(unit, instance_key, person_id, AccessAction.EXTERNAL_IDS_CHANGED)


@households.put("/households/{household_id}/external-ids")
@versioned(Household, PersonExternalId)
async def replace_household_external_ids(
    unit: HouseholdDesk, instance_key: CurrentInstanceKey, household_id: UUID, body: ExternalIdsIn
) -> HouseholdOut:
    """Replace your agency's own identifiers of a household."""
    await commands.replace_household_external_ids(unit, instance_key, household_id, body.external_ids)
    action = AccessAction.EXTERNAL_IDS_CHANGED
    return await queries.read_household(unit, instance_key, household_id, action)


@timeline.get("/people/{person_id}/timeline")
async def list_timeline(
    unit: Reader, person_id: UUID, cursor: Annotated[UpdatedCursor, Depends()]
) -> Page[TimelineItem]:
    """List what happened to a person, the newest first, without anything of the restricted tier."""
    return await queries.list_timeline(unit, person_id, cursor)
