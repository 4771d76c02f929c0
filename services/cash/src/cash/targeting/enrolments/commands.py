"""Enrolments: by an accepted referral or by a person's choice, their refresh and their end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from solidary.language.problems import NotFound, Problem
from solidary.platform.database import UnitOfWork
from sqlalchemy import ColumnElement, select

from cash.intake import ConsentTerms
from cash.problems import ConsentEnded, HouseholdAlreadyEnrolled
from cash.targeting.consents import commands as consents
from cash.targeting.consents.models import Consent
from cash.targeting.enrolments.jobs import fetch_profile, replace_tokens
from cash.targeting.enrolments.models import Enrolment, ReferredHousehold
from cash.targeting.enrolments.rules import EnrolmentState
from cash.targeting.programmes import commands as programmes
from cash.targeting.programmes.models import Programme


async def take_in(unit: UnitOfWork, referral: UUID, terms: ConsentTerms, *, accepted_by: UUID) -> None:
    """Record the referred household for the consent's recipient, and enrol it where a programme takes referrals.

    The caller holds the consent's lock. A second call for the same referral has no effect.
    """
    await unit.act_for(terms.owner)
    consent = await consents.record_consent(unit, terms)
    await unit.act_for(consent.recipient)
    if await unit.session.get(ReferredHousehold, referral) is not None:
        return
    referred = ReferredHousehold(
        id=referral,
        person_id=consent.person_id,
        household_id=consent.household_id,
        consent_id=consent.id,
        package_id=consent.package_id,
        registered_by=consent.agency,
        accepted_by=accepted_by,
    )
    unit.add(referred)
    await unit.flush()
    programme = await programmes.newest_for_referrals(unit)
    if programme is not None and not await _is_enrolled(unit, programme, referred.household_id):
        await _enrol(unit, programme, referred)


async def _is_enrolled(unit: UnitOfWork, programme: Programme, household: UUID) -> bool:
    """Return True where an earlier referral enrolled the household."""
    enrolled = select(Enrolment.id).where(
        Enrolment.programme_id == programme.id,
        Enrolment.household_id == household,
        Enrolment.state == EnrolmentState.ENROLLED,
    )
    return await unit.session.scalar(enrolled) is not None


async def enrol(unit: UnitOfWork, programme_id: UUID, referral_id: UUID) -> Enrolment:
    """Enrol a referred household in a programme that somebody chose. Raises NotFound, ConsentEnded.

    Intake is asked again before the household's profile is fetched and before it is paid.
    """
    programme = await unit.get(Programme, programme_id)
    referred = await unit.get(ReferredHousehold, referral_id)
    await consents.lock_consent(unit, referred.consent_id)
    consent = await unit.session.get(Consent, referred.consent_id)
    if consent is None or not consent.is_in_force(unit.now):
        raise ConsentEnded
    return await _enrol(unit, programme, referred)


async def judge_referrals(
    unit: UnitOfWork, programme: Programme, referrals: Collection[UUID]
) -> dict[UUID, ReferredHousehold | Problem | None]:
    """Return for each referral its household where `enrol` would enrol it, the problem, or None: it is enrolled.

    Their consents are locked. Four statements.
    """
    wanted = select(ReferredHousehold).where(
        ReferredHousehold.agency == unit.principal.agency, ReferredHousehold.id.in_(referrals)
    )
    referred = {each.id: each for each in await unit.session.scalars(wanted)}
    await consents.lock_consents(unit, {each.consent_id for each in referred.values()})
    used = select(Consent).where(Consent.id.in_({each.consent_id for each in referred.values()}))
    in_force = {each.id for each in await unit.session.scalars(used) if each.is_in_force(unit.now)}
    enrolled = select(Enrolment.household_id, Enrolment.referral_id).where(
        Enrolment.programme_id == programme.id,
        Enrolment.household_id.in_([each.household_id for each in referred.values()]),
        Enrolment.state == EnrolmentState.ENROLLED,
    )
    by_household: dict[UUID, UUID] = {
        each.household_id: each.referral_id for each in await unit.session.execute(enrolled)
    }
    judged: dict[UUID, ReferredHousehold | Problem | None] = {}
    for id_ in referrals:
        found = referred.get(id_)
        if found is None:
            judged[id_] = NotFound(f"There is no household that was referred to your agency by {id_}.")
        elif found.household_id in by_household:
            judged[id_] = None if by_household[found.household_id] == id_ else HouseholdAlreadyEnrolled()
        elif found.consent_id not in in_force:
            judged[id_] = ConsentEnded()
        else:
            judged[id_] = found
            by_household[found.household_id] = id_
    return judged


async def enrol_all(
    unit: UnitOfWork, programme: Programme, referred: Sequence[ReferredHousehold]
) -> list[Enrolment]:
    """Enrol households that `judge_referrals` found in this unit. Two statements."""
    enrolments = [_enrolment(programme, each) for each in referred]
    unit.add(*enrolments)
    await unit.flush()
    await unit.defer_many(fetch_profile, [{"enrolment_id": str(each.id)} for each in enrolments])
    return enrolments


async def _enrol(unit: UnitOfWork, programme: Programme, referred: ReferredHousehold) -> Enrolment:
    (enrolment,) = await enrol_all(unit, programme, [referred])
    return enrolment


def _enrolment(programme: Programme, referred: ReferredHousehold) -> Enrolment:
    return Enrolment(
        programme_id=programme.id,
        referral_id=referred.id,
        household_id=referred.household_id,
        collector=referred.person_id,
        consent_id=referred.consent_id,
        package_id=referred.package_id,
        registered_by=referred.registered_by,
        state=EnrolmentState.ENROLLED,
    )


async def refresh_profiles(unit: UnitOfWork, household: UUID, version: int) -> None:
    """Request the profile of a household of which intake has a newer version."""
    for enrolment in await _lock_enrolments(unit, Enrolment.household_id == household):
        if enrolment.announce_version(version):
            await unit.defer(fetch_profile, enrolment_id=str(enrolment.id))


async def end_enrolments(unit: UnitOfWork, consent: UUID) -> None:
    """End the enrolments under a consent that has ended. Payments that are due stay due: the person chooses."""
    for enrolment in await _lock_enrolments(unit, Enrolment.consent_id == consent):
        if enrolment.end():
            await _continue_under_another_consent(unit, enrolment)


async def erase_person(unit: UnitOfWork, person: UUID) -> None:
    """Erase what is known of the household of a person who was erased, and end its enrolments."""
    for enrolment in await _lock_enrolments(unit, Enrolment.collector == person):
        await replace_tokens(unit, enrolment.id, ())
        if enrolment.erase():
            await _continue_under_another_consent(unit, enrolment)


async def _continue_under_another_consent(unit: UnitOfWork, ended: Enrolment) -> None:
    """Enrol the household again where another referral came with a consent that is in force."""
    others = select(ReferredHousehold).where(
        ReferredHousehold.agency == unit.principal.agency,
        ReferredHousehold.household_id == ended.household_id,
        ReferredHousehold.consent_id != ended.consent_id,
    )
    await unit.flush()
    for referred in (await unit.session.scalars(others.order_by(ReferredHousehold.created))).all():
        await consents.lock_consent(unit, referred.consent_id)
        consent = await unit.session.get(Consent, referred.consent_id)
        if consent is not None and consent.is_in_force(unit.now):
            await _enrol(unit, await unit.get(Programme, ended.programme_id), referred)
            return


async def _lock_enrolments(unit: UnitOfWork, condition: ColumnElement[bool]) -> Sequence[Enrolment]:
    """Lock the agency's enrolments that meet a condition, in one order.

    A job that fetches a profile meanwhile waits, and then reads their new state.
    """
    query = (
        select(Enrolment).where(Enrolment.agency == unit.principal.agency, condition).order_by(Enrolment.id)
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await unit.session.scalars(locked)).all()
