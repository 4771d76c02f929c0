"""The timer that marks referrals without an answer in time as overdue; sender and receiver get an event, once."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from solidary.language.events.referrals import ReferralOverdue
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.identity import Principal
from solidary.platform.jobs import Jobs, for_each

from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.rules import ReferralState
from referrals.casework.referrals.statements import FIND_OVERDUE_REFERRALS

jobs = Jobs()

TIMER_SUBJECT = uuid5(NAMESPACE_URL, "urn:solidary:clock:referrals")
"""The subject of changes that a timer makes."""


@jobs.timer("* * * * *")
async def mark_overdue_referrals(database: Database) -> None:
    """Mark every overdue referral, each in a transaction of its own."""
    async with database.session_without_scope() as session:
        rows = await session.execute(FIND_OVERDUE_REFERRALS)
        overdue = [(row.id, row.agency) for row in rows]

    async def mark(referral: tuple[UUID, UUID]) -> None:
        referral_id, agency = referral
        principal = Principal(TIMER_SUBJECT, agency, str(agency), frozenset(), "referrals")
        async with database.unit(principal) as unit:
            await mark_overdue(unit, referral_id)

    await for_each(overdue, mark)


async def mark_overdue(unit: UnitOfWork, referral_id: UUID) -> None:
    """Mark a referral as overdue, unless it has been answered or marked in the meantime."""
    referral = await unit.lock(Referral, referral_id)
    is_waiting = referral.state == ReferralState.REQUESTED and referral.overdue_at is None
    if not is_waiting or referral.due_at is None or referral.due_at > unit.now:
        return
    referral.overdue_at = unit.now
    unit.publish(ReferralOverdue(referral_id=referral.id), about=referral, parties=referral.parties)
