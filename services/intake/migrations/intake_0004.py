"""The time of the last change of inquiries and retention runs."""

from solidary.platform.database.migrations import record_updates

revision = "intake_0004"
down_revision = "intake_0003"
branch_labels = None
depends_on = "machinery_0005"


def upgrade() -> None:
    """Add the columns; rows keep NULL until they change."""
    record_updates("inquiry", "retention_run")
