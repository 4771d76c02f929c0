"""The take-in of accepted referrals for cash. Referrals and intake are asked by a job, outside of any reaction."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.clients import Cause, ServiceClients
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs, for_each
from sqlalchemy import delete

from cash.intake import ConsentTerms, Intake
from cash.referrals import read_cash_referral
from cash.targeting.consents.commands import lock_consent
from cash.targeting.enrolments.commands import take_in
from cash.targeting.enrolments.models import PendingReferral
from cash.targeting.enrolments.statements import CLAIM_PENDING_REFERRALS

CASH = "cash"
"""The purpose of the consents that concern this service."""
BATCH_SIZE = 500
"""The number of referrals that one tick of the timer requests."""

jobs = Jobs()


async def request_take_in(unit: UnitOfWork, referral: UUID) -> None:
    """Remember an accepted referral until referrals has answered whether it is one for cash."""
    unit.add(PendingReferral(id=referral, root=referral))
    await unit.flush()
    await unit.defer(take_in_referral, referral_id=str(referral))


@jobs.job(lock="referral_id")
async def take_in_referral(unit: UnitOfWork, clients: ServiceClients, referral_id: str) -> None:
    """Take in a referral that was accepted, if it is one for cash and its consent is in force.

    The unit acts for the referral's sender.
    """
    referral, sender = UUID(referral_id), unit.principal.agency
    usable = await _usable_consent(unit, clients, referral, sender)
    await unit.session.execute(delete(PendingReferral).where(PendingReferral.id == referral))
    if usable is not None:
        terms, accepted_by = usable
        await take_in(unit, referral, terms, accepted_by=accepted_by)


async def _usable_consent(
    unit: UnitOfWork, clients: ServiceClients, referral: UUID, sender: UUID
) -> tuple[ConsentTerms, UUID] | None:
    """Return the terms of a cash referral's consent, locked, and who accepted the referral.

    The lock is taken before intake is asked, so that an end of the consent that comes meanwhile finds the enrolment.
    """
    cause = Cause("referral", referral, unit.principal.on_behalf_of)
    accepted = await read_cash_referral(clients, referral, sender=sender, origin=cause)
    if accepted is None:
        return None
    await lock_consent(unit, accepted.consent_id)
    terms = await Intake.of(clients, sender, cause).use_consent(accepted.package_id, referral)
    if terms is None or terms.purpose != CASH or terms.recipient != accepted.receiver:
        return None
    return terms, accepted.accepted_by


@jobs.timer("*/5 * * * *")
async def take_in_pending_referrals(database: Database) -> None:
    """Request again the referrals about which referrals or intake did not answer before."""
    async with database.session_without_scope() as session:
        pending = (await session.execute(CLAIM_PENDING_REFERRALS, {"limit": BATCH_SIZE})).all()
        await session.commit()

    async def request(found: tuple[UUID, UUID]) -> None:
        referral, agency = found
        async with database.unit_for_timer(agency) as unit:
            await unit.defer(take_in_referral, referral_id=str(referral))

    await for_each([(row.id, row.agency) for row in pending], request)
