"""The agencies' own identifiers of aggregates: unique within an agency, and not opened by a share."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "machinery_0004"
down_revision = "machinery_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, which nothing uses yet."""
    op.execute(
        """
        CREATE TABLE data.external_id (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL CONSTRAINT external_id_own_root CHECK (root = id),
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            kind text NOT NULL,
            about uuid NOT NULL,
            system text NOT NULL CONSTRAINT external_id_system CHECK (system ~ '^[a-z][a-z0-9_.-]{0,39}$'),
            value text NOT NULL CONSTRAINT external_id_value CHECK (length(value) BETWEEN 1 AND 100),
            CONSTRAINT external_id_once UNIQUE (agency, kind, system, value)
        );
        CREATE INDEX external_id_about ON data.external_id (agency, about);
        """
    )
    guard("external_id", write=())
