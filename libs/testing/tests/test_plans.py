"""The check that look-ups use an index finds those that do not."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from solidary.platform.database.engine import driver_url
from solidary_testing.plans import assert_no_scans
from solidary_testing.servers import throwaway_database
from sqlalchemy import create_engine, pool, text

TABLE = """
    CREATE TABLE data.sample (id uuid PRIMARY KEY, agency uuid NOT NULL, root uuid NOT NULL, note text, day date);
    CREATE INDEX ON data.sample (agency, day);
    INSERT INTO data.sample VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid());
    GRANT SELECT ON data.sample TO market_app;
"""


@pytest.fixture(scope="module")
def database(run):
    """A database with a table that has an index, but none of the column `root`."""
    with throwaway_database(run, "market", None) as database:
        with psycopg.connect(database.admin) as admin:
            admin.execute(TABLE)
        yield database


def send(database, query):
    engine = create_engine(driver_url(database.roles["app"]), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT * FROM data.sample WHERE {query}"), {"id": UUID(int=1)})


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ("root = :id", "the whole table is read"),
        ("note = 'x' AND id <> :id", "the whole table is read"),
        ("agency = :id AND root = :id", "an id is looked for among many rows"),
        ("agency = :id AND root = ANY(ARRAY[:id])", "an id is looked for among many rows"),
    ],
)
def test_a_scan_is_found(database, query, finding):
    send(database, query)
    with pytest.raises(AssertionError, match=finding):
        assert_no_scans(database.name, database.admin, "market_app")


@pytest.mark.parametrize(
    "query",
    ["id = :id", "id = ANY(ARRAY[:id])", "agency = :id AND day > '2026-01-01'", "root = :id /* reads all */"],
)
def test_a_look_up_by_an_index_is_no_scan(database, query):
    send(database, query)
    assert_no_scans(database.name, database.admin, "market_app")
