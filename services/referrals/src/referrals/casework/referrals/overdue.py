"""No answer in the time that the urgency gives: the sender and the receiver learn it, once."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from solidary.language.events.referrals import ReferralOverdue
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, for_each
from sqlalchemy import text

from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.rules import State

jobs = Jobs()

CLOCK = uuid5(NAMESPACE_URL, "urn:solidary:clock:referrals")
"""The subject of what no person asked for."""


@jobs.timer("* * * * *")
async def tell_overdue(database: Database) -> None:
    async with database.session_without_scope() as session:
        found = await session.execute(text("SELECT id, agency FROM machinery.referrals_overdue(now())"))
        overdue = [(row.id, row.agency) for row in found]

    async def tell_one(referral: tuple[UUID, UUID]) -> None:
        referral_id, agency = referral
        principal = Principal(CLOCK, agency, str(agency), frozenset(), "referrals")
        async with database.unit(principal) as unit:
            await tell(unit, referral_id)

    await for_each(overdue, tell_one)


async def tell(unit: UnitOfWork, referral_id: UUID) -> None:
    """Says that a referral is overdue, unless it was answered, or this was said before."""
    referral = await unit.lock(Referral, referral_id)
    if referral.state != State.REQUESTED or referral.overdue_at or not _past(referral.due_at, unit.now):
        return
    referral.overdue_at = unit.now
    unit.publish(
        ReferralOverdue(**referral.told, due_at=referral.due_at), about=referral, parties=referral.parties
    )


def _past(due: datetime | None, now: datetime) -> bool:
    return due is not None and due <= now
