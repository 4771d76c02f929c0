"""The timer that deletes secrets that sign no more."""

from __future__ import annotations

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs
from sqlalchemy import text

jobs = Jobs()


@jobs.timer("13 * * * *", retention=True)
async def delete_previous_secrets(database: Database) -> None:
    """Delete the secrets that were replaced a day ago, each hour."""
    async with database.session_without_scope() as session:
        await session.execute(text("SELECT data.delete_previous_secrets()"))
        await session.commit()
