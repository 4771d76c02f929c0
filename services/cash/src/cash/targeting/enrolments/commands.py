"""How a household comes into a programme, and what is known of it there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from solidary.language.problems import NotAllowed
from solidary.platform.database import UnitOfWork
from sqlalchemy import ColumnElement, select

from cash.targeting.consents import commands as consents
from cash.targeting.consents.models import Consent
from cash.targeting.enrolments.jobs import fetch_profile
from cash.targeting.enrolments.models import Awaited, Enrolment, Referred, State
from cash.targeting.programmes import commands as programmes
from cash.targeting.programmes.models import Programme


async def accept(unit: UnitOfWork, referral: UUID, consent: UUID) -> None:
    """A cash referral was accepted; it waits for its consent where that is not known yet."""
    await consents.hold(unit, consent)
    if await unit.act_for_owner(consent):
        await _take_in(unit, referral, await unit.get(Consent, consent))
    else:
        await unit.act_for(unit.envelope.agency)
        unit.add(Awaited(id=referral, root=referral, consent_id=consent))


async def take_in_awaited(unit: UnitOfWork, consent: Consent) -> None:
    """The consent is known now: referrals that waited for it go on."""
    waiting = select(Awaited).where(Awaited.agency == consent.agency, Awaited.consent_id == consent.id)
    referrals = (await unit.session.scalars(waiting)).all()
    for referral in referrals:
        await unit.session.delete(referral)
    for referral in referrals:
        await _take_in(unit, referral.id, consent)


async def _take_in(unit: UnitOfWork, referral: UUID, consent: Consent) -> None:
    """For the agency that the consent names: into the programme that takes referrals, if one does."""
    if not consent.in_force(unit.now):
        return
    await unit.act_for(consent.recipient)
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
    if programme is not None and not await _is_enrolled(unit, programme, referred.household_id):
        await _enrol(unit, programme, referred)


async def _is_enrolled(unit: UnitOfWork, programme: Programme, household: UUID) -> bool:
    """Whether an earlier referral brought the household in."""
    there = select(Enrolment.id).where(
        Enrolment.programme_id == programme.id,
        Enrolment.household_id == household,
        Enrolment.state == State.ENROLLED,
    )
    return await unit.session.scalar(there) is not None


async def enrol(unit: UnitOfWork, programme_id: UUID, referral_id: UUID) -> Enrolment:
    """Somebody chooses the programme. Raises NotFound; NotAllowed where the consent has ended."""
    programme = await unit.get(Programme, programme_id)
    referred = await unit.get(Referred, referral_id)
    await consents.hold(unit, referred.consent_id)
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
        state=State.ENROLLED,
    )
    unit.add(enrolment)
    await unit.flush()
    await unit.defer(fetch_profile, enrolment_id=str(id_))
    return enrolment


async def refresh(unit: UnitOfWork, household: UUID, version: int) -> None:
    """A household has a newer version: its profile is fetched again, under its consent."""
    for enrolment in await _of_agency(unit, Enrolment.household_id == household):
        if enrolment.is_behind(version):
            await unit.defer(fetch_profile, enrolment_id=str(enrolment.id))


async def stop(unit: UnitOfWork, consent: UUID) -> None:
    """The consent has ended: no new payments. What is due already stays due; the person is told and chooses."""
    for enrolment in await _of_agency(unit, Enrolment.consent_id == consent):
        if enrolment.end():
            await _go_on(unit, enrolment)


async def forget(unit: UnitOfWork, person: UUID) -> None:
    """The person was erased."""
    for enrolment in await _of_agency(unit, Enrolment.collector == person):
        if enrolment.forget():
            await _go_on(unit, enrolment)


async def _go_on(unit: UnitOfWork, ended: Enrolment) -> None:
    """Who left stays in the programme where a later referral came with another consent, and that is in force."""
    others = select(Referred).where(
        Referred.agency == unit.principal.agency,
        Referred.household_id == ended.household_id,
        Referred.consent_id != ended.consent_id,
    )
    await unit.flush()
    for referred in (await unit.session.scalars(others.order_by(Referred.created))).all():
        await consents.hold(unit, referred.consent_id)
        consent = await unit.session.get(Consent, referred.consent_id)
        if consent is not None and consent.in_force(unit.now):
            await _enrol(unit, await unit.get(Programme, ended.programme_id), referred)
            return


async def _of_agency(unit: UnitOfWork, which: ColumnElement[bool]) -> Sequence[Enrolment]:
    """Locked, in one order: a job that fetches a profile meanwhile waits, and sees what has become of them."""
    query = select(Enrolment).where(Enrolment.agency == unit.principal.agency, which).order_by(Enrolment.id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await unit.session.scalars(locked)).all()
