"""The retention of the machinery's tables: old rows are deleted, and no others."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from market.service import service as market
from procrastinate import App
from solidary.platform.database import Database
from solidary.platform.jobs.retention import STATEMENTS, purge
from solidary_testing.servers import settings_for

OLD, NEW = timedelta(days=100), timedelta(days=80)
LIMIT = timedelta(days=90)
INSERTS = {
    "inbox": """INSERT INTO machinery.inbox (subscriber, event_id, handled_at)
        VALUES ('r', gen_random_uuid(), now() - %s)""",
    "idempotency": """INSERT INTO machinery.idempotency (agency, subject, key, request_digest, claimed_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'k', '', now() - %s)""",
    "feed": """INSERT INTO machinery.feed (agency, outbox_position, id, owner, type, subject, sequence, time, payload)
        VALUES (gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), 't', 's', 1, now() - %s, '{}')""",
    "imports": """INSERT INTO data.bulk_import (id, agency, root, kind, dry_run, rows, created, recorded_by)
        SELECT id, gen_random_uuid(), id, 'k', false, 0, now() - %s, gen_random_uuid() FROM gen_random_uuid() AS id""",
    "jobs": """WITH job AS (INSERT INTO machinery.procrastinate_jobs (queue_name, task_name, status)
            VALUES ('q', 't', 'succeeded') RETURNING id)
        INSERT INTO machinery.procrastinate_events (job_id, type, at) SELECT id, 'succeeded', now() - %s FROM job""",
}
TABLES = {"jobs": "procrastinate_jobs", "imports": "bulk_import"}


@pytest.fixture
def admin(sample_database):
    with psycopg.connect(sample_database.admin, autocommit=True) as connection:
        connection.execute("SET search_path = machinery, data")
        yield connection


def count(admin, kind: str) -> int:
    return admin.execute(f"SELECT count(*) FROM {TABLES.get(kind, kind)}").fetchone()[0]


@pytest.mark.parametrize("kind", STATEMENTS)
async def test_old_rows_are_deleted_in_batches_and_young_rows_stay(admin, database: Database, kind):
    for age in [OLD] * 7 + [NEW] * 2:
        admin.execute(INSERTS[kind], (age,))
    if kind == "jobs":  # a trigger has recorded that the job was deferred just now
        admin.execute("DELETE FROM machinery.procrastinate_events WHERE type = 'deferred'")
    assert await purge(database, kind, LIMIT, rows=3) == 7
    assert count(admin, kind) == 2


async def test_job_that_has_not_ended_is_never_deleted(admin, database):
    admin.execute("INSERT INTO machinery.procrastinate_jobs (queue_name, task_name) VALUES ('q', 'waits')")
    admin.execute("UPDATE machinery.procrastinate_events SET at = now() - interval '1 year'")
    await purge(database, "jobs", LIMIT)
    found = admin.execute(
        "SELECT task_name FROM machinery.procrastinate_jobs WHERE status = 'todo'"
    ).fetchall()
    assert found == [("waits",)]


async def test_worker_of_every_service_runs_the_retention_timer(run, sample_database, database, admin):
    settings = settings_for(run, sample_database, "market", keep_inbox_days=40)
    app: App = market.bind_jobs(settings, database, None)
    assert [str(task.cron) for task in app.periodic_registry.periodic_tasks.values()].count("23 3 * * *") == 1
    admin.execute(INSERTS["inbox"], (timedelta(days=41),))
    admin.execute(INSERTS["inbox"], (timedelta(days=39),))
    before = count(admin, "inbox")
    async with app.open_async():
        await app.configure_task("purge_machinery").defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    assert before - count(admin, "inbox") >= 1
    assert admin.execute(
        "SELECT max(now() - handled_at) < interval '40 days' FROM machinery.inbox"
    ).fetchone() == (True,)
