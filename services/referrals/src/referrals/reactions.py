"""What referrals does when intake speaks of consents and people."""

from __future__ import annotations

from solidary.language.events.intake import ConsentExpired, ConsentGranted, ConsentWithdrawn, PersonErased
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from referrals.casework.consents.commands import end_all_of
from referrals.casework.consents.models import KnownConsent
from referrals.casework.referrals import commands


@reacts_to(ConsentGranted)
async def know_the_consent(unit: UnitOfWork, event: ConsentGranted) -> None:
    """From now on a referral may stand on it."""
    await unit.act_for(unit.envelope.agency)
    unit.add(
        KnownConsent(
            id=event.consent_id,
            root=event.consent_id,
            person_id=event.person_id,
            household_id=event.household_id,
            purpose=event.purpose,
            recipient=event.recipient,
            package_id=event.package_id,
            valid_until=event.valid_until,
        )
    )


@reacts_to(ConsentWithdrawn)
@reacts_to(ConsentExpired)
async def stop_open_referrals(unit: UnitOfWork, event: ConsentWithdrawn | ConsentExpired) -> None:
    """The consent is over: open referrals under it stop, and their receivers learn it."""
    if await unit.act_for_owner(event.consent_id):
        consent = await unit.lock(KnownConsent, event.consent_id)
        consent.ended = unit.envelope.time
        await commands.stop_under(unit, consent.id, reason=f"consent_{event.fact}")


@reacts_to(PersonErased)
async def forget_the_person(unit: UnitOfWork, event: PersonErased) -> None:
    """What was written about them goes; that there was a referral, and how it ended, stays."""
    await unit.act_for(unit.envelope.agency)
    await end_all_of(unit, event.person_id)
    await commands.forget(unit, event.person_id)
