"""After a rejection: a draft in its place, so that the request does not vanish."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs

from referrals.casework.referrals.models import Referral

jobs = Jobs()


@jobs.job(lock="referral")
async def open_reroute(unit: UnitOfWork, referral: str) -> None:
    """The receiver asks for it; the draft is the sender's."""
    if await unit.act_for_owner(UUID(referral)):
        rejected = await unit.get(Referral, UUID(referral))
        unit.add(rejected.rerouted())
