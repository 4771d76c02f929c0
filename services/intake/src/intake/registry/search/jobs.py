"""Searches are kept for a day."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs
from sqlalchemy import text

FORGET = text("SELECT machinery.forget_searches(now() - interval '1 day')")

jobs = Jobs()


@jobs.timer("17 * * * *")
async def forget_searches(database: Database) -> None:
    """What was asked and answered is gone; that there was a search stays in the access log."""
    async with database.session_without_scope() as session:
        await session.execute(FORGET)
        await session.commit()
