"""The reactions to intake's events about consents and persons."""

from __future__ import annotations

from solidary.language.events.intake import ConsentEnded, PersonErased
from solidary.platform.database import UnitOfWork
from solidary.platform.messaging import reacts_to

from referrals.casework.consents import commands as consents
from referrals.casework.referrals import commands as referrals


@reacts_to(ConsentEnded)
async def end_consent(unit: UnitOfWork, event: ConsentEnded) -> None:
    """End the open referrals under a consent that has ended; their receivers learn it by their feeds."""
    await unit.act_for(unit.envelope.agency)
    await consents.end_consent(unit, event.consent_id)
    await referrals.end_under_consent(unit, event.consent_id, reason="consent_ended")


@reacts_to(PersonErased)
async def erase_person(unit: UnitOfWork, event: PersonErased) -> None:
    """Erase the comments of a person's referrals; the referral and its outcome stay."""
    await unit.act_for(unit.envelope.agency)
    await referrals.erase_person(unit, event.person_id)
