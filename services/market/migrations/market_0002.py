"""The time of the last change of assessments and plan lines, of which an agency has few."""

from solidary.platform.database.migrations import record_updates

revision = "market_0002"
down_revision = "market_0001"
branch_labels = None
depends_on = "machinery_0005"


def upgrade() -> None:
    """Add the columns; rows keep NULL until they change."""
    record_updates("assessment", "plan_line")
