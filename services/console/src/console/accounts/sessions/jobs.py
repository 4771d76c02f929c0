"""The timer that deletes sessions whose entries are kept no longer."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs

from console.accounts.sessions.rules import KEPT
from console.accounts.sessions.statements import PURGE

jobs = Jobs()


@jobs.timer("17 * * * *")
async def purge_sessions(database: Database) -> None:
    """Delete the sessions that nobody has used for a day, each hour."""
    async with database.session_without_scope() as session, session.begin():
        await session.execute(PURGE, {"age": KEPT})
