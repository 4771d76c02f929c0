"""The keys of people in an import that was abandoned are deleted with its batches."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "intake_0007"
down_revision = "intake_0006"
branch_labels = None
depends_on = "machinery_0006"

FUNCTION = """
-- Deletes batches of all agencies that nobody applied before a moment, with the keys of people who were never written.
CREATE FUNCTION machinery.delete_abandoned_batches(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, keys, pg_temp AS $$
    DELETE FROM subject_key k USING bulk_batch b WHERE b.created < before AND k.id = ANY(b.subjects)
        AND NOT EXISTS (SELECT FROM person p WHERE p.id = k.id);
    DELETE FROM bulk_batch WHERE created < before;
$$;
REVOKE ALL ON FUNCTION machinery.delete_abandoned_batches FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.delete_abandoned_batches TO {s}_app;
"""


def upgrade() -> None:
    """Create the function."""
    op.execute(FUNCTION.format(s=service()))
