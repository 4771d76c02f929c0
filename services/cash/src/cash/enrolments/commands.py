"""How a household comes into a programme, and what is known of it there."""

from __future__ import annotations

from uuid import UUID, uuid4

from solidary.database import UnitOfWork
from solidary.problems import NotAllowed
from sqlalchemy import select

from cash.consents.models import Consent
from cash.enrolments.jobs import fetch_profile
from cash.enrolments.models import Enrolment, Referred
from cash.programmes import commands as programmes
from cash.programmes.models import Programme


async def accept(unit: UnitOfWork, referral: UUID, consent: Consent) -> None:
    """A cash referral was accepted: its household goes into the programme that takes referrals, if one does."""
    referred = Referred(
        id=referral,
        root=referral,
        person_id=consent.person_id,
        household_id=consent.household_id,
        consent_id=consent.id,
        package_id=consent.package_id,
        registered_by=consent.agency,
    )
    unit.add(referred)
    await unit.flush()
    programme = await programmes.that_takes_referrals(unit)
    if programme is not None:
        await _enrol(unit, programme, referred)


async def enrol(unit: UnitOfWork, programme_id: UUID, referral_id: UUID) -> Enrolment:
    """Somebody chooses the programme. Raises NotFound; NotAllowed where the consent has ended."""
    programme = await unit.get(Programme, programme_id)
    referred = await unit.get(Referred, referral_id)
    if not (await unit.get(Consent, referred.consent_id)).in_force(unit.now):
        raise NotAllowed("the household's consent has ended")
    return await _enrol(unit, programme, referred)


async def _enrol(unit: UnitOfWork, programme: Programme, referred: Referred) -> Enrolment:
    id_ = uuid4()
    enrolment = Enrolment(
        id=id_,
        root=id_,
        programme_id=programme.id,
        referral_id=referred.id,
        household_id=referred.household_id,
        collector=referred.person_id,
        consent_id=referred.consent_id,
        package_id=referred.package_id,
        registered_by=referred.registered_by,
        state="enrolled",
    )
    unit.add(enrolment)
    await unit.flush()
    await unit.ask_for(fetch_profile, enrolment_id=str(id_))
    return enrolment


async def refresh(unit: UnitOfWork, household: UUID, version: int) -> None:
    """A household has a newer version: its profile is fetched again, under its consent."""
    stale = select(Enrolment).where(
        Enrolment.agency == unit.principal.agency,
        Enrolment.household_id == household,
        Enrolment.state == "enrolled",
    )
    for enrolment in await unit.session.scalars(stale):
        if (enrolment.profile_version or 0) < version:
            await unit.ask_for(fetch_profile, enrolment_id=str(enrolment.id))


async def stop(unit: UnitOfWork, consent: UUID) -> None:
    """The consent has ended: no new payments. What is due already stays due; the person is told and chooses."""
    under_it = select(Enrolment).where(
        Enrolment.agency == unit.principal.agency, Enrolment.consent_id == consent
    )
    for enrolment in await unit.session.scalars(under_it):
        enrolment.state = "consent_ended"
