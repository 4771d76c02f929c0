"""The feed's places are given when it is read, and its epoch follows the database (decision 0015)."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0006"
down_revision = "machinery_0005"
branch_labels = None
depends_on = None

TABLES = """
-- `place` is where an event stands in its agency's feed; it has none until somebody reads that far.
ALTER TABLE machinery.feed DROP COLUMN xid, ADD COLUMN place bigint, ADD PRIMARY KEY (agency, pos);
CREATE UNIQUE INDEX ON machinery.feed (agency, place) WHERE place IS NOT NULL;
CREATE INDEX ON machinery.feed (agency, pos) WHERE place IS NULL;

-- Up to where an agency's feed has places, and up to where it was purged.
CREATE TABLE machinery.feed_end (
    agency uuid PRIMARY KEY,
    placed bigint NOT NULL DEFAULT 0,
    purged bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
"""

ME = "(SELECT current_setting('app.agency'))::uuid"

POLICIES = f"""
CREATE POLICY place ON machinery.feed FOR UPDATE USING (agency = {ME});
ALTER TABLE machinery.feed_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE machinery.feed_end FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON machinery.feed_end USING (agency = {ME});
"""

LIFE = """
-- Where this database lives: what a copy of it, restored anywhere, does not have in common with it.
CREATE FUNCTION machinery.whereabouts() RETURNS text STABLE LANGUAGE sql AS $$
    SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'machinery.epoch'::regclass::oid)
    FROM pg_control_system()
$$;

CREATE FUNCTION machinery.life() RETURNS uuid STABLE LANGUAGE sql AS $$
    SELECT md5(epoch || '/' || machinery.whereabouts())::uuid FROM machinery.epoch
$$;
"""


def upgrade() -> None:
    for statement in (TABLES, POLICIES, LIFE):
        op.execute(statement)
    app = f"{service()}_app"
    op.execute(f"GRANT SELECT, INSERT, UPDATE (placed) ON machinery.feed_end TO {app}")
    op.execute(f"GRANT UPDATE (place) ON machinery.feed TO {app}")
