"""The time of the last change of plans and units, of which an agency has few."""

from solidary.platform.database.migrations import record_updates

revision = "planning_0002"
down_revision = "planning_0001"
branch_labels = None
depends_on = "machinery_0005"


def upgrade() -> None:
    """Add the columns; rows keep NULL until they change."""
    record_updates("plan", "tiu")
