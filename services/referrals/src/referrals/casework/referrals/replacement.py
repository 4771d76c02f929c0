"""The draft that replaces a rejected referral, so that the request is not lost."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import UnitOfWork
from solidary.platform.jobs import Jobs

from referrals.casework.referrals.models import Referral

jobs = Jobs()


@jobs.job(lock="referral")
async def create_replacement_draft(unit: UnitOfWork, referral: str) -> None:
    """Create a draft of the sender that replaces a rejected referral; the receiver's rejection defers this job."""
    if await unit.act_for_owner(UUID(referral)):
        rejected = await unit.get(Referral, UUID(referral))
        unit.add(rejected.replacement())
