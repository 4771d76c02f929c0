"""The clock ends consents."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs, for_each
from sqlalchemy import text

from intake.sharing.consents import commands

OVER = text("SELECT id, agency FROM machinery.consents_over(now())")

jobs = Jobs()


@jobs.timer("*/5 * * * *")
async def expire_consents(database: Database) -> None:
    """Ends every consent whose time is over, and tells so. Access ended with the time itself, by the share."""
    async with database.session_without_scope() as session:
        over = [(row.id, row.agency) for row in await session.execute(OVER)]

    async def expire(consent: tuple[UUID, UUID]) -> None:
        consent_id, agency = consent
        async with database.unit_of_clock(agency) as unit:
            await commands.expire(unit, consent_id)

    await for_each(over, expire)
