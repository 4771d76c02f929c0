"""The timer that seals the access log."""

from __future__ import annotations

from uuid import UUID

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs, for_each

from intake.registry.access_log.commands import seal_entries
from intake.registry.access_log.statements import AGENCIES_WITH_UNSEALED_ENTRIES

jobs = Jobs()


@jobs.timer("* * * * *")
async def seal_access_logs(database: Database) -> None:
    """Seal every agency's new entries, each agency in its own scope."""
    async with database.session_without_scope() as session:
        agencies = (await session.scalars(AGENCIES_WITH_UNSEALED_ENTRIES)).all()

    async def seal(agency: UUID) -> None:
        async with database.unit_for_timer(agency) as unit:
            await seal_entries(unit)

    await for_each(agencies, seal)
