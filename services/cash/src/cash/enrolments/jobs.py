"""Fetching coded profiles: over HTTP, under the consent, outside of any reaction."""

from __future__ import annotations

from uuid import UUID

from solidary.database import UnitOfWork
from solidary.jobs import Jobs, Outside

from cash.enrolments.models import Enrolment
from cash.intake import Intake

jobs = Jobs()


@jobs.job(lock="enrolment_id")
async def fetch_profile(unit: UnitOfWork, outside: Outside, enrolment_id: str) -> None:
    """The household's profile as it is now; nothing where the consent has ended meanwhile."""
    enrolment = await unit.get(Enrolment, UUID(enrolment_id))
    intake = Intake(outside.http, outside.intake, unit.principal.agency)
    profile = await intake.profile(enrolment.household_id, enrolment.package_id)
    if profile is not None:
        enrolment.learn(profile)
