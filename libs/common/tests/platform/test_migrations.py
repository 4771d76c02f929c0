"""Migrations of a service that is running: short locks, revisions that stand by themselves, indexes beside writers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from solidary.platform.database.migrations import migrate
from solidary_testing.servers import TestDatabase, throwaway_database
from sqlalchemy.exc import OperationalError
from stack.run_file import Run

REVISION = """
from alembic import op
from solidary.platform.database.migrations import create_index_concurrently

revision = "parcel_{number}"
down_revision = {before}
branch_labels = {labels}
depends_on = {depends}


def upgrade() -> None:
    {body}
"""


def write_revisions(folder: Path, *bodies: str) -> Path:
    for number, body in enumerate(bodies, 1):
        first = number == 1
        text = REVISION.format(
            number=number,
            before=None if first else f'"parcel_{number - 1}"',
            labels='("service",)' if first else None,
            depends='"machinery_0001"' if first else None,
            body=body,
        )
        (folder / f"parcel_{number}.py").write_text(text)
    return folder


TABLE = 'op.execute("CREATE TABLE data.parcel (id uuid PRIMARY KEY, weight int)")'
COLUMN = 'op.execute("ALTER TABLE data.parcel ADD COLUMN height int")'
INDEX = 'create_index_concurrently("ix_parcel_weight", "data.parcel (weight)")'


@pytest.fixture
def empty(run: Run) -> Iterator[TestDatabase]:
    with throwaway_database(run, "market", None) as database:
        yield database


def applied(database: TestDatabase) -> set[str]:
    with psycopg.connect(database.roles["migrate"]) as connection:
        return {row[0] for row in connection.execute("SELECT version_num FROM machinery.revision")}


def test_index_is_built_concurrently_in_place_of_an_invalid_one(empty: TestDatabase, tmp_path: Path) -> None:
    migrate(empty.roles["migrate"], "market", write_revisions(tmp_path, TABLE))
    with psycopg.connect(empty.roles["migrate"], autocommit=True) as connection:
        # What an interrupted attempt leaves.
        connection.execute("INSERT INTO data.parcel VALUES (gen_random_uuid(), 1), (gen_random_uuid(), 1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_parcel_weight ON data.parcel (weight)")

        migrate(empty.roles["migrate"], "market", write_revisions(tmp_path, TABLE, INDEX))

        valid = "SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = 'data.ix_parcel_weight'::regclass"
        assert connection.execute(valid).fetchone() == (True, False)
    assert "parcel_2" in applied(empty)


def test_revision_that_cannot_lock_its_table_fails_soon_and_the_earlier_ones_stay(
    empty: TestDatabase, tmp_path: Path
) -> None:
    migrate(empty.roles["migrate"], "market", write_revisions(tmp_path, TABLE))
    revisions = write_revisions(tmp_path, TABLE, 'op.execute("CREATE TABLE data.crate (id uuid)")', COLUMN)
    with psycopg.connect(empty.roles["migrate"]) as writer:
        writer.execute("INSERT INTO data.parcel VALUES (gen_random_uuid(), 1)")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate(empty.roles["migrate"], "market", revisions)
        assert "parcel_2" in applied(empty)
    migrate(empty.roles["migrate"], "market", revisions)
    assert "parcel_3" in applied(empty)


def test_migrations_of_one_database_started_together_run_one_after_the_other(
    empty: TestDatabase, tmp_path: Path
) -> None:
    revisions = write_revisions(tmp_path, TABLE, INDEX)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
        started = [processes.submit(migrate, empty.roles["migrate"], "market", revisions) for _ in range(2)]
        for one in started:
            one.result(60)
    assert "parcel_2" in applied(empty)


def feed_rows(connection: psycopg.Connection, *agencies: str) -> str:
    """Insert an event as the release before wrote it to `machinery.feed`, and return its id."""
    id_ = str(uuid4())
    (position,) = connection.execute("SELECT nextval('machinery.outbox_position')").fetchone()
    connection.execute(
        """INSERT INTO machinery.feed (agency, outbox_position, id, owner, type, subject, sequence, time, payload)
        SELECT agency, %(position)s, %(id)s, %(owner)s, 'a.type', 'a-case', 2, now(), '{"a": 1}'
        FROM unnest(%(agencies)s::uuid[]) AS agency""",
        {"position": position, "id": id_, "owner": agencies[0], "agencies": list(agencies)},
    )
    return id_


def notices(connection: psycopg.Connection) -> list[tuple[str, str, int, list[str]]]:
    return connection.execute(
        """SELECT id::text, aggregatetype, sequence, (SELECT array_agg(a ORDER BY a) FROM
            jsonb_array_elements_text(payload::jsonb -> 'agencies') a)
        FROM machinery.outbox WHERE payload::jsonb -> 'data' = '{"a": 1}' ORDER BY position"""
    ).fetchall()


def test_feed_rows_of_the_release_before_become_notices(empty: TestDatabase) -> None:
    ours, theirs = sorted(str(uuid4()) for _ in range(2))
    with psycopg.connect(empty.admin, autocommit=True) as admin:
        admin.execute("DROP FUNCTION machinery.forward_feed CASCADE")
        admin.execute("DROP TABLE data.external_id, data.bulk_import, data.bulk_batch, data.bulk_row")
        admin.execute("DROP FUNCTION machinery.purge_imports")
        admin.execute(
            "UPDATE machinery.revision SET version_num = 'machinery_0001' WHERE version_num ~ 'machinery'"
        )
        kept = feed_rows(admin, ours, theirs)
        migrate(empty.roles["migrate"], "market")
        assert notices(admin) == [(kept, "market.parties", 2, [ours, theirs])]
    with psycopg.connect(empty.roles["app"], autocommit=True) as old_release:
        added = feed_rows(old_release, ours)
    with psycopg.connect(empty.admin) as admin:
        assert notices(admin)[1:] == [(added, "market.parties", 2, [ours])]
