"""An agency's own identifiers of people and households."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, whose rows are erased with the person who is their root."""
    op.execute(
        """
        CREATE TABLE data.person_external_id (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            kind text NOT NULL CONSTRAINT person_external_id_kind CHECK (kind IN ('person', 'household')),
            about uuid NOT NULL,
            system text NOT NULL CONSTRAINT person_external_id_system CHECK (system ~ '^[a-z][a-z0-9_.-]{0,39}$'),
            token bytea NOT NULL,
            value bytea NOT NULL,
            CONSTRAINT person_external_id_once UNIQUE (agency, token)
        );
        CREATE INDEX person_external_id_about ON data.person_external_id (agency, about);
        CREATE INDEX person_external_id_root ON data.person_external_id (root);
        CREATE CONSTRAINT TRIGGER person_exists AFTER INSERT ON data.person_external_id
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.require_person();
        """
    )
    guard("person_external_id", write=())
