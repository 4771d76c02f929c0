"""What cash does when intake, referrals and planning speak."""

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


@reacts_to(PlanValidated)
async def open_budget_lines(unit: UnitOfWork, event: PlanValidated) -> None:
    """A government validated a plan: its budget lines exist, and whom it names may draw on them."""
    await unit.act_for(unit.envelope.agency)
    await budget_lines.receive(unit, event)


@reacts_to(ConsentGranted)
async def note_consent(unit: UnitOfWork, event: ConsentGranted) -> None:
    """A person lets an agency know their household for cash."""
    if event.purpose == CASH:
        await unit.act_for(unit.envelope.agency)
        await enrolments.take_in_awaited(unit, await consents.note(unit, event))


@reacts_to(ConsentWithdrawn)
@reacts_to(ConsentExpired)
async def stop_new_payments(unit: UnitOfWork, event: ConsentWithdrawn | ConsentExpired) -> None:
    """The consent is over. Consents for anything but cash are not known here."""
    if await unit.act_for_owner(event.consent_id):
        consent = await consents.end(unit, event.consent_id)
        await unit.act_for(consent.recipient)
        await enrolments.stop(unit, consent.id)


@reacts_to(ReferralAccepted)
async def enrol_referred_household(unit: UnitOfWork, event: ReferralAccepted) -> None:
    """A cash referral was accepted: the agency that the person's consent names enrols the household."""
    if event.purpose == CASH and event.consent_id is not None:
        await enrolments.accept(unit, event.referral_id, event.consent_id)


@reacts_to(HouseholdChanged)
async def fetch_profile_again(unit: UnitOfWork, event: HouseholdChanged) -> None:
    """Every agency that may know the household fetches its profile anew."""
    await unit.act_for(unit.envelope.agency)
    known = await consents.known_of(unit, Consent.household_id == event.household_id)
    for recipient in sorted({consent.recipient for consent in known if consent.in_force(unit.now)}):
        await unit.act_for(recipient)
        await enrolments.refresh(unit, event.household_id, event.version)


@reacts_to(PersonErased)
async def forget_the_person(unit: UnitOfWork, event: PersonErased) -> None:
    """What is known of the household goes; payments and their ledger stay, by pseudonym."""
    await unit.act_for(unit.envelope.agency)
    known = await consents.known_of(unit, Consent.person_id == event.person_id)
    for consent_id in sorted(consent.id for consent in known):
        await consents.end(unit, consent_id)
    for recipient in sorted({consent.recipient for consent in known}):
        await unit.act_for(recipient)
        await enrolments.forget(unit, event.person_id)
