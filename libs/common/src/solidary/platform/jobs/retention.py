"""The retention of the machinery's tables: a nightly timer in every service deletes what is older than its limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import TextClause, text

from solidary.platform.database import Database
from solidary.platform.jobs.job import Jobs

BATCH_ROWS = 5_000
"""The rows of one transaction, so that others wait for none of them long."""


def _delete_older(table: str, time: str) -> TextClause:
    return text(
        f"""
        DELETE FROM machinery.{table} WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM machinery.{table} WHERE {time} < now() - CAST(:age AS interval)
            ORDER BY {time} LIMIT :rows))
        """
    )


STATEMENTS: Mapping[str, TextClause] = {
    "inbox": _delete_older("inbox", "handled_at"),
    "idempotency": _delete_older("idempotency", "claimed_at"),
    "feed": text("SELECT machinery.purge_feed(now() - CAST(:age AS interval), :rows)"),
    "imports": text("SELECT machinery.purge_imports(now() - CAST(:age AS interval), :rows)"),
    "jobs": text(
        """
        DELETE FROM machinery.procrastinate_jobs WHERE id = ANY(ARRAY(
            SELECT id FROM machinery.procrastinate_jobs j
            WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND NOT EXISTS (
                SELECT FROM machinery.procrastinate_events e
                WHERE e.job_id = j.id AND e.at >= now() - CAST(:age AS interval)
            ) ORDER BY id LIMIT :rows))
        """
    ),
}
"""The statement that purges each kind of rows. Jobs are those that have ended, by the time of their last event."""


def retention_jobs(limits: Mapping[str, timedelta]) -> Jobs:
    """Return the timer that purges all of `STATEMENTS` each night; `limits`: the age up to which each is kept."""
    jobs = Jobs()

    @jobs.timer("23 3 * * *", retention=True)
    async def purge_machinery(database: Database) -> None:
        for kind in STATEMENTS:
            await purge(database, kind, limits[kind])

    return jobs


async def purge(database: Database, kind: str, age: timedelta, rows: int = BATCH_ROWS) -> int:
    """Delete everything older than `age`, at most `rows` in a transaction. Returns how many rows there were."""
    deleted = 0
    while True:
        async with database.session_without_scope() as session:
            result: Any = await session.execute(STATEMENTS[kind], {"age": age, "rows": rows})
            batch: int = result.scalar_one() if result.returns_rows else result.rowcount
            await session.commit()
        deleted += batch
        if batch < rows:
            return deleted
