"""An order may leave out whom it cannot pay: each by name, as a failed payment."""

from alembic import op

revision = "cash_0002"
down_revision = "cash_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE data.instruction ADD COLUMN not_sent uuid[] NOT NULL DEFAULT '{}'")
    op.execute("INSERT INTO published.payment_arrow VALUES ('reserved', 'failed')")
