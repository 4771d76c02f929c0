"""Reactions to events of intake, referrals and planning."""

from __future__ import annotations

from solidary.language.events.intake import (
    ConsentExpired,
    ConsentGranted,
    ConsentWithdrawn,
    HouseholdChanged,
    PersonErased,
)
from solidary.language.events.planning import PlanValidated
from solidary.language.events.referrals import ReferralAccepted
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from cash.accounting.budget_lines import commands as budget_lines
from cash.targeting.consents import commands as consents
from cash.targeting.consents.models import Consent
from cash.targeting.enrolments import commands as enrolments

CASH = "cash"
"""The purpose of the consents and referrals that concern this service."""


@reacts_to(PlanValidated)
async def open_budget_lines(unit: UnitOfWork, event: PlanValidated) -> None:
    """Open the budget lines of a plan that a government validated."""
    await unit.act_for(unit.envelope.agency)
    await budget_lines.open_lines(unit, event)


@reacts_to(ConsentGranted)
async def record_consent(unit: UnitOfWork, event: ConsentGranted) -> None:
    """Record a consent for cash, and take in the referrals that waited for it."""
    if event.purpose == CASH:
        await unit.act_for(unit.envelope.agency)
        await enrolments.take_in_pending(unit, await consents.record_consent(unit, event))


@reacts_to(ConsentWithdrawn)
@reacts_to(ConsentExpired)
async def stop_new_payments(unit: UnitOfWork, event: ConsentWithdrawn | ConsentExpired) -> None:
    """End a consent and the enrolments under it. Only consents for cash are recorded here."""
    if await unit.act_for_owner(event.consent_id):
        consent = await consents.end_consent(unit, event.consent_id)
        await unit.act_for(consent.recipient)
        await enrolments.end_enrolments(unit, consent.id)


@reacts_to(ReferralAccepted)
async def enrol_referred_household(unit: UnitOfWork, event: ReferralAccepted) -> None:
    """Enrol the household of an accepted cash referral for the agency that the person's consent names."""
    if event.purpose == CASH and event.consent_id is not None:
        await enrolments.accept_referral(unit, event.referral_id, event.consent_id)


@reacts_to(HouseholdChanged)
async def refresh_profile(unit: UnitOfWork, event: HouseholdChanged) -> None:
    """Fetch the household's profile again for every agency with a consent in force."""
    await unit.act_for(unit.envelope.agency)
    own = await consents.own_consents(unit, Consent.household_id == event.household_id)
    for recipient in sorted({consent.recipient for consent in own if consent.is_in_force(unit.now)}):
        await unit.act_for(recipient)
        await enrolments.refresh_profiles(unit, event.household_id, event.version)


@reacts_to(PersonErased)
async def erase_person(unit: UnitOfWork, event: PersonErased) -> None:
    """Erase what is known of the household. Its payments and their ledger stay, by pseudonym."""
    await unit.act_for(unit.envelope.agency)
    own = await consents.own_consents(unit, Consent.person_id == event.person_id)
    for consent_id in sorted(consent.id for consent in own):
        await consents.end_consent(unit, consent_id)
    for recipient in sorted({consent.recipient for consent in own}):
        await unit.act_for(recipient)
        await enrolments.erase_person(unit, event.person_id)
