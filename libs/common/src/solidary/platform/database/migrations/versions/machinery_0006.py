"""Imports of files with many rows: the batches that are left, and what became of each row."""

from alembic import op
from solidary.platform.database.migrations import guard, service

revision = "machinery_0006"
down_revision = "machinery_0005"
branch_labels = None
depends_on = None

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

TABLES = f"""
CREATE TABLE data.bulk_import ({OWNED},
    kind text NOT NULL,
    dry_run boolean NOT NULL,
    rows int NOT NULL
);
CREATE INDEX bulk_import_list ON data.bulk_import (agency, created, id);
CREATE TABLE data.bulk_batch ({OWNED},
    number int NOT NULL,
    rows int NOT NULL,
    content bytea NOT NULL,
    subjects uuid[] NOT NULL,
    CONSTRAINT bulk_batch_import FOREIGN KEY (root) REFERENCES data.bulk_import ON DELETE CASCADE
);
CREATE INDEX bulk_batch_next ON data.bulk_batch (agency, root, number);
CREATE INDEX bulk_batch_import ON data.bulk_batch (root);
ALTER TABLE data.bulk_batch ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE data.bulk_row ({OWNED},
    line int NOT NULL,
    state text NOT NULL,
    faults jsonb NOT NULL,
    CONSTRAINT bulk_row_import FOREIGN KEY (root) REFERENCES data.bulk_import ON DELETE CASCADE
);
CREATE INDEX bulk_row_list ON data.bulk_row (agency, root, line, id);
CREATE INDEX bulk_row_state ON data.bulk_row (agency, root, state, line, id);
CREATE INDEX bulk_row_import ON data.bulk_row (root);
"""

PURGE = """
-- Deletes imports of all agencies that were made before a moment, with their batches and reports, some of them at once.
-- An import is kept for eight days at least: a service that stored keys for its batches deletes these within seven.
CREATE FUNCTION machinery.purge_imports(before timestamptz, at_most int) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    WITH deleted AS (
        DELETE FROM bulk_import WHERE id = ANY(ARRAY(
            SELECT id FROM bulk_import WHERE created < least(before, now() - interval '8 days') LIMIT at_most))
        RETURNING id)
    SELECT count(*) FROM deleted
$$;
REVOKE ALL ON FUNCTION machinery.purge_imports FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.purge_imports TO {s}_app;
"""


def upgrade() -> None:
    """Create the tables, which nothing uses yet."""
    op.execute(TABLES)
    guard("bulk_import", root=True, append_only=True, write=())
    guard("bulk_batch", write=())
    guard("bulk_row", append_only=True, write=())
    op.execute(PURGE.format(s=service()))
