"""The timer that deletes the events that were kept long enough."""

from __future__ import annotations

from datetime import timedelta

from solidary.platform.database import Database
from solidary.platform.jobs import Jobs
from solidary.platform.settings import Settings, read_settings

from subscriptions.feed.events.statements import PURGE

BATCH_ROWS = 5_000
"""The rows of one transaction, so that no reader waits long."""

jobs = Jobs()


@jobs.timer("43 3 * * *", retention=True)
async def purge_feeds(database: Database) -> None:
    """Delete the events that are older than SOLIDARY_KEEP_FEED_DAYS, each night."""
    await purge(database, read_settings(Settings).retention["feed"])


async def purge(database: Database, age: timedelta, rows: int = BATCH_ROWS) -> int:
    """Delete all events that arrived longer ago than `age`, at most `rows` in a transaction; return their number."""
    deleted = 0
    while True:
        async with database.session_without_scope() as session:
            batch = int(await session.scalar(PURGE, {"age": age, "rows": rows}) or 0)
            await session.commit()
        deleted += batch
        if batch < rows:
            return deleted
