"""The people of a user, for their lists."""

from solidary.platform.database.migrations import create_index_concurrently

revision = "intake_0010"
down_revision = "intake_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index_concurrently("assignment_assignee", "data.assignment (assignee, agency, root)")
