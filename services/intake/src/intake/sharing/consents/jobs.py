"""The timer that expires consents."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs, for_each

from intake.sharing.consents import commands
from intake.sharing.consents.statements import CONSENTS_TO_EXPIRE

jobs = Jobs()


@jobs.timer("*/5 * * * *")
async def expire_consents(database: Database) -> None:
    """Expire every consent whose time is over, and publish it. Access has already ended with the share's own time."""
    async with database.session_without_scope() as session:
        consents = [(row.id, row.agency) for row in await session.execute(CONSENTS_TO_EXPIRE)]

    async def expire(consent: tuple[UUID, UUID]) -> None:
        consent_id, agency = consent
        async with database.unit_for_timer(agency) as unit:
            await commands.expire(unit, consent_id)

    await for_each(consents, expire)
