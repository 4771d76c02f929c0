"""Every service lets go of what its machinery no longer needs (decision 0016)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import TextClause, text

from solidary.platform.database import Database
from solidary.platform.jobs.job import Jobs

AT_ONCE = 5_000
"""Rows of one transaction: short ones, between which everybody else has their turn."""
OLD = "ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE at < now() - CAST(:age AS interval) ORDER BY at LIMIT :at_once))"
STATEMENTS: Mapping[str, TextClause] = {
    "inbox": text(f"DELETE FROM machinery.inbox WHERE {OLD.format(table='machinery.inbox')}"),
    "idempotency": text(
        f"DELETE FROM machinery.idempotency WHERE {OLD.format(table='machinery.idempotency')}"
    ),
    "feed": text("SELECT machinery.purge_feed(now() - CAST(:age AS interval), :at_once)"),
    "jobs": text(
        """
        DELETE FROM machinery.procrastinate_jobs WHERE id = ANY(ARRAY(
            SELECT id FROM machinery.procrastinate_jobs j
            WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND NOT EXISTS (
                SELECT FROM machinery.procrastinate_events e
                WHERE e.job_id = j.id AND e.at >= now() - CAST(:age AS interval)
            ) ORDER BY id LIMIT :at_once))
        """
    ),
}
"""What is purged, and how. Jobs: those that have ended, counted from their last event."""


def timer(keep: Mapping[str, timedelta]) -> Jobs:
    """Each night, all of `STATEMENTS`; `keep`: how long each is kept."""
    jobs = Jobs()

    @jobs.timer("23 3 * * *")
    async def purge_machinery(database: Database) -> None:
        for what in STATEMENTS:
            await purge(database, what, keep[what])

    return jobs


async def purge(database: Database, what: str, keep: timedelta, at_once: int = AT_ONCE) -> int:
    """Lets go of what is older, so many rows in a transaction. Returns how many there were."""
    gone = 0
    while True:
        async with database.session_without_scope() as session:
            done: Any = await session.execute(STATEMENTS[what], {"age": keep, "at_once": at_once})
            some: int = done.scalar_one() if done.returns_rows else done.rowcount
            await session.commit()
        gone += some
        if some < at_once:
            return gone
