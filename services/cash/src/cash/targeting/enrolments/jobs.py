"""Fetching coded profiles: over HTTP, under the consent, outside of any reaction."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from uuid import UUID

from solidary.platform.clients import ServiceClients
from solidary.platform.database import Database, UnitOfWork
from solidary.platform.jobs import Jobs
from sqlalchemy import text

from cash.intake import Intake
from cash.targeting.enrolments.models import Enrolment

AT_ONCE = 500
SEEK = text("SELECT id, agency FROM machinery.seek_profiles(:most) ORDER BY agency")

jobs = Jobs()


@jobs.job(lock="enrolment_id")
async def fetch_profile(unit: UnitOfWork, clients: ServiceClients, enrolment_id: str) -> None:
    """The household's profile as it is now; nothing where the household has left, also while intake was asked."""
    enrolment = await unit.get(Enrolment, UUID(enrolment_id))
    intake = Intake.of(clients, unit.principal.agency)
    profile = await intake.profile(enrolment.household_id, enrolment.package_id)
    (await unit.lock(Enrolment, enrolment.id)).learn(profile)


@jobs.timer("*/5 * * * *")
async def fetch_missing_profiles(database: Database) -> None:
    """Asks again for what intake could not tell when it was asked: a job gives up after a minute, a household is
    not left unpaid for that. So many each time, those first that have waited longest."""
    async with database.session_without_scope() as session:
        missing = (await session.execute(SEEK, {"most": AT_ONCE})).all()
        await session.commit()
    for agency, enrolments in groupby(missing, key=attrgetter("agency")):
        async with database.unit_for_timer(agency) as unit:
            for enrolment in enrolments:
                await unit.defer(fetch_profile, enrolment_id=str(enrolment.id))
