"""A city as it was sent in, until it is imported."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "planning_0002"
down_revision = "planning_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE data.upload (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            body bytea NOT NULL
        );
        CREATE INDEX ON data.upload (agency, created);
        """
    )
    guard("upload", write=())
