"""Tables of the benchmarks' service."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "letters_0001"
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
            created timestamptz NOT NULL DEFAULT now(),
            words text NOT NULL
        );
        CREATE TABLE data.tally (
            agency uuid NOT NULL,
            root uuid NOT NULL,
            letters bigint NOT NULL,
            PRIMARY KEY (agency, root)
        );
        """
    )
    guard("letter")
    guard("tally")
