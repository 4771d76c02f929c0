"""The decision that a provisional person is another one, who is then no longer counted as waiting."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "intake_0008"
down_revision = "intake_0007"
branch_labels = None
depends_on = None

TABLE = """
ALTER TABLE data.person ADD COLUMN IF NOT EXISTS same_as uuid;
ALTER TABLE data.person
    ADD CONSTRAINT person_same_as FOREIGN KEY (same_as) REFERENCES data.person ON DELETE SET NULL NOT VALID,
    ADD CONSTRAINT person_same_as_while_provisional
        CHECK (same_as IS NULL OR (state = 'provisional' AND same_as <> id)) NOT VALID;
"""
FUNCTION = """
-- Rounded down to tens: an exact number would show when somebody in particular was registered.
CREATE OR REPLACE FUNCTION machinery.count_provisional_people() RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) / 10 * 10 FROM person WHERE state = 'provisional' AND same_as IS NULL
$$;
REVOKE ALL ON FUNCTION machinery.count_provisional_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.count_provisional_people TO {s}_app;
"""


def upgrade() -> None:
    """Add the column, with constraints that the next revision validates."""
    op.execute(TABLE)
    op.execute(FUNCTION.format(s=service()))
