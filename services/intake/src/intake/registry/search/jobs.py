"""The timer that deletes searches after a day."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs

from intake.registry.search.statements import DELETE_OLD_SEARCHES

jobs = Jobs()


@jobs.timer("17 * * * *", retention=True)
async def delete_old_searches(database: Database) -> None:
    """Delete the searches of more than a day ago; the access log keeps that there was a search."""
    async with database.session_without_scope() as session:
        await session.execute(DELETE_OLD_SEARCHES)
        await session.commit()
