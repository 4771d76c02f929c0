"""Which profiles have to be fetched again, and when each was last sought."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "cash_0003"
down_revision = "cash_0002"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE data.enrolment ADD COLUMN version_told int, ADD COLUMN refused boolean NOT NULL DEFAULT false,
    ADD COLUMN sought timestamptz;
CREATE INDEX ON data.enrolment (coalesce(sought, created))
    WHERE state = 'enrolled' AND NOT refused AND (profile_version IS NULL OR profile_version < version_told);

CREATE FUNCTION machinery.seek_profiles(most int) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = data AS $$
    UPDATE enrolment e SET sought = now() WHERE e.id IN (
        SELECT m.id FROM enrolment m
        WHERE m.state = 'enrolled' AND NOT m.refused
            AND (m.profile_version IS NULL OR m.profile_version < m.version_told)
            AND coalesce(m.sought, m.created) < now() - interval '5 minutes'
        ORDER BY coalesce(m.sought, m.created) LIMIT most FOR UPDATE SKIP LOCKED
    ) RETURNING e.id, e.agency
$$;
REVOKE ALL ON FUNCTION machinery.seek_profiles FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.seek_profiles TO {s}_app;
"""


def upgrade() -> None:
    op.execute(STATEMENTS.format(s=service()))
