"""The tables of the benchmarks' service."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "samples_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE data.sample (
            id uuid PRIMARY KEY,
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL,
            created timestamptz NOT NULL DEFAULT now(),
            content text NOT NULL
        );
        CREATE TABLE data.sample_count (
            agency uuid NOT NULL,
            root uuid NOT NULL,
            events bigint NOT NULL,
            PRIMARY KEY (agency, root)
        );
        """
    )
    guard("sample")
    guard("sample_count")
