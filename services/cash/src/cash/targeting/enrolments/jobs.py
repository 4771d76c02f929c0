"""Jobs that fetch coded profiles from intake, under the consent and outside of any reaction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from solidary.platform.clients import Cause, ServiceClients
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, for_each
from sqlalchemy import delete

from cash.intake import HouseholdProfile, Intake
from cash.targeting.enrolments.models import Enrolment, HouseholdToken
from cash.targeting.enrolments.rules import PaymentFacts
from cash.targeting.enrolments.statements import CLAIM_MISSING_PROFILES
from cash.targeting.profiles.records import ProfileRecord

BATCH_SIZE = 500
"""The number of profiles that one tick of the timer requests."""

jobs = Jobs()


@jobs.job(lock="enrolment_id")
async def fetch_profile(unit: UnitOfWork, clients: ServiceClients, enrolment_id: str) -> None:
    """Fetch the household's current profile. It is not kept where the enrolment ended during the call.

    Intake records for which enrolment the consent is used, because events about payments name the enrolment only.
    """
    enrolment = await unit.get(Enrolment, UUID(enrolment_id))
    cause = Cause("referral", enrolment.referral_id, unit.principal.on_behalf_of)
    intake = Intake.of(clients, unit.principal.agency, cause)
    profile = None
    if await intake.use_consent(enrolment.package_id, enrolment.id):
        profile = await intake.profile(enrolment.household_id, enrolment.package_id)
    locked = await unit.lock(Enrolment, enrolment.id)
    if profile is None:
        locked.update_profile(None, None)
    elif locked.update_profile(profile_record(profile), payment_facts(profile)):
        await replace_tokens(unit, locked.id, profile.tokens)


@jobs.timer("*/5 * * * *")
async def fetch_missing_profiles(database: Database) -> None:
    """Request the profiles that intake could not deliver before, those first that have waited longest.

    A job gives up after a minute, but a household must not stay unpaid for that.
    """
    async with database.session_without_scope() as session:
        missing = (await session.execute(CLAIM_MISSING_PROFILES, {"limit": BATCH_SIZE})).all()
        await session.commit()
    by_agency = [
        (agency, [each.id for each in group]) for agency, group in groupby(missing, attrgetter("agency"))
    ]

    async def request(batch: tuple[UUID, list[UUID]]) -> None:
        agency, enrolments = batch
        async with database.unit_for_timer(agency) as unit:
            for enrolment in enrolments:
                await unit.defer(fetch_profile, enrolment_id=str(enrolment))

    await for_each(by_agency, request)


async def replace_tokens(unit: UnitOfWork, enrolment: UUID, tokens: Sequence[str]) -> None:
    """Replace the keyed tokens of an enrolled household."""
    await unit.session.execute(delete(HouseholdToken).where(HouseholdToken.root == enrolment))
    unit.add(*(HouseholdToken(root=enrolment, token=token) for token in sorted(set(tokens))))


def payment_facts(profile: HouseholdProfile) -> PaymentFacts:
    """Return what decides on the payments of a household, as intake answered."""
    return PaymentFacts(
        makers=profile.makers,
        is_provisional=profile.is_provisional,
        account_fingerprint=profile.account_fingerprint,
        account_changed=profile.account_changed,
        account_confirmed=profile.account_confirmed,
        tokens=profile.tokens,
    )


def profile_record(profile: HouseholdProfile) -> ProfileRecord:
    """Return the record of a profile that intake delivered."""
    return ProfileRecord(
        household_id=profile.household_id,
        profile_version=profile.version,
        payout_version=profile.payout_version,
        size=profile.size,
        age_bands=profile.age_bands,
        disability=profile.disability,
        shelter=profile.shelter,
        area=profile.area,
        own_income=profile.own_income,
        other_aid=profile.other_aid,
        currency=profile.currency,
    )
