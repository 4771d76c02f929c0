"""A small service's tables, for the tests of the machinery."""

from alembic import op
from solidary.platform.database.migrations import guard, service

revision = "toy_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE data.letter (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            words text NOT NULL CHECK (words <> '')
        );
        CREATE TABLE data.tally (
            agency uuid NOT NULL,
            root uuid NOT NULL,
            letters bigint NOT NULL,
            last_sequence bigint NOT NULL,
            disorder bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (agency, root)
        );
        """
    )
    guard("letter", root=True)
    guard("tally")
    op.execute(f"GRANT DELETE ON ALL TABLES IN SCHEMA data TO {service()}_migrate")
