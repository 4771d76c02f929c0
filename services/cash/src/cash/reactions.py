"""What cash does when intake, referrals and planning speak."""

from __future__ import annotations

from uuid import UUID

from solidary.database import UnitOfWork
from solidary.events.intake import ConsentExpired, ConsentGranted, ConsentWithdrawn, HouseholdChanged
from solidary.events.planning import PlanValidated
from solidary.events.referrals import ReferralAccepted
from solidary.messaging import reacts_to

from cash.budget_lines import commands as budget_lines
from cash.consents import commands as consents
from cash.consents.models import Consent
from cash.enrolments import commands as enrolments

CASH = "cash"


class ConsentUnknown(Exception):
    """A cash referral whose consent has not arrived: it is tried again, and set aside if it never comes."""


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
        await consents.note(unit, event)


@reacts_to(ConsentWithdrawn)
async def stop_after_withdrawal(unit: UnitOfWork, event: ConsentWithdrawn) -> None:
    """No new payments under it."""
    await _stop(unit, event.consent_id)


@reacts_to(ConsentExpired)
async def stop_after_expiry(unit: UnitOfWork, event: ConsentExpired) -> None:
    """As if withdrawn."""
    await _stop(unit, event.consent_id)


@reacts_to(ReferralAccepted)
async def enrol_referred_household(unit: UnitOfWork, event: ReferralAccepted) -> None:
    """A cash referral was accepted: the agency that the person's consent names enrols the household."""
    if event.purpose != CASH or event.consent_id is None:
        return
    if not await unit.act_for_owner(event.consent_id):
        raise ConsentUnknown
    consent = await unit.get(Consent, event.consent_id)
    if consent.in_force(unit.now):
        await unit.act_for(consent.recipient)
        await enrolments.accept(unit, event.referral_id, consent)


@reacts_to(HouseholdChanged)
async def fetch_profile_again(unit: UnitOfWork, event: HouseholdChanged) -> None:
    """Every agency that may know the household fetches its profile anew."""
    await unit.act_for(unit.envelope.agency)
    for recipient in await consents.recipients(unit, event.household_id):
        await unit.act_for(recipient)
        await enrolments.refresh(unit, event.household_id, event.version)


async def _stop(unit: UnitOfWork, consent_id: UUID) -> None:
    """Consents for anything but cash are not known here."""
    if await unit.act_for_owner(consent_id):
        consent = await consents.end(unit, consent_id)
        await unit.act_for(consent.recipient)
        await enrolments.stop(unit, consent_id)
