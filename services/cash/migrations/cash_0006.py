"""What a provider says against what is settled is kept, for somebody to look at."""

from alembic import op
from solidary.platform.database.migrations import guard

revision = "cash_0006"
down_revision = "cash_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE data.contradiction (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
            root uuid NOT NULL REFERENCES data.status_report,
            created timestamptz NOT NULL DEFAULT clock_timestamp(),
            payment_id uuid NOT NULL REFERENCES data.payment,
            state text NOT NULL,
            status text,
            reason text,
            why text NOT NULL
        );
        CREATE INDEX ON data.contradiction (agency, created, id);
        CREATE INDEX ON data.contradiction (root);
        """
    )
    guard("contradiction", append_only=True, write=())
