"""The reactions to intake's events about consents and persons."""

from __future__ import annotations

from solidary.language.events.intake import ConsentExpired, ConsentGranted, ConsentWithdrawn, PersonErased
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from referrals.casework.consents import commands as consents
from referrals.casework.referrals import commands as referrals


@reacts_to(ConsentGranted)
async def record_consent(unit: UnitOfWork, event: ConsentGranted) -> None:
    """Record a consent, under which referrals can be made from now on."""
    await unit.act_for(unit.envelope.agency)
    await consents.record_consent(unit, event)


@reacts_to(ConsentWithdrawn)
@reacts_to(ConsentExpired)
async def end_consent(unit: UnitOfWork, event: ConsentWithdrawn | ConsentExpired) -> None:
    """End a consent, and the open referrals under it; their receivers learn it by events."""
    if await unit.act_for_owner(event.consent_id):
        await consents.end_consent(unit, event.consent_id, at=unit.envelope.time)
        await referrals.end_under_consent(unit, event.consent_id, reason=f"consent_{event.fact}")


@reacts_to(PersonErased)
async def erase_person(unit: UnitOfWork, event: PersonErased) -> None:
    """Erase the preview and comments of a person's referrals; the referral and its outcome stay."""
    await unit.act_for(unit.envelope.agency)
    await consents.end_consents_of(unit, event.person_id)
    await referrals.erase_person(unit, event.person_id)
