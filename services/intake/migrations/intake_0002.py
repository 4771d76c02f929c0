"""Where a person is paid has a version, so that a payment is sent where it was agreed to."""

from alembic import op

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE data.person ADD COLUMN payout_version int NOT NULL DEFAULT 0")
