"""Reactions to events of intake, referrals and planning."""

from __future__ import annotations

from solidary.language.events.intake import ConsentEnded, HouseholdChanged, PersonErased
from solidary.language.events.planning import PlanValidated
from solidary.language.events.referrals import ReferralAccepted
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from cash.accounting.budget_lines import commands as budget_lines
from cash.targeting.consents import commands as consents
from cash.targeting.consents.models import Consent
from cash.targeting.enrolments import commands as enrolments
from cash.targeting.enrolments.referred import request_take_in


@reacts_to(PlanValidated)
async def open_budget_lines(unit: UnitOfWork, event: PlanValidated) -> None:
    """Open the budget lines of a plan that a government validated."""
    await unit.act_for(unit.envelope.agency)
    await budget_lines.open_lines(unit, event)


@reacts_to(ConsentEnded)
async def stop_new_payments(unit: UnitOfWork, event: ConsentEnded) -> None:
    """Forget a consent and end the enrolments under it. Only consents in use by cash are known here."""
    await consents.lock_consent(unit, event.consent_id)
    if await unit.act_for_owner(event.consent_id):
        recipient = await consents.end_consent(unit, event.consent_id)
        if recipient is not None:
            await unit.act_for(recipient)
            await enrolments.end_enrolments(unit, event.consent_id)


@reacts_to(ReferralAccepted)
async def take_in_accepted_referral(unit: UnitOfWork, event: ReferralAccepted) -> None:
    """Ask referrals, by a job, whether the referral is one for cash, and enrol the household if so."""
    await unit.act_for(unit.envelope.agency)
    await request_take_in(unit, event.referral_id)


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
    recipients = {consent.recipient for consent in own}
    for consent_id in sorted(consent.id for consent in own):
        await consents.end_consent(unit, consent_id)
    for recipient in sorted(recipients):
        await unit.act_for(recipient)
        await enrolments.erase_person(unit, event.person_id)
