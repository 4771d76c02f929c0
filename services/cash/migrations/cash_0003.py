"""The time of the last change of budget lines, enrolments and payment plans."""

from solidary.platform.database.migrations import record_updates

revision = "cash_0003"
down_revision = "cash_0002"
branch_labels = None
depends_on = "machinery_0005"


def upgrade() -> None:
    """Add the columns; rows keep NULL until they change."""
    record_updates("budget_line", "enrolment", "payment_plan")
