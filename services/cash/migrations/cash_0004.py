"""The indexes of lists of what changed, and of enrolments in a state."""

from solidary.platform.database.migrations import create_index_concurrently

revision = "cash_0004"
down_revision = "cash_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the indexes beside readers and writers; each is built again where an attempt was interrupted."""
    create_index_concurrently(
        "enrolment_updated", "data.enrolment (programme_id, (coalesce(updated, created)))"
    )
    create_index_concurrently("enrolment_state", "data.enrolment (programme_id, state, created, id)")
    create_index_concurrently(
        "payment_plan_updated", "data.payment_plan (agency, (coalesce(updated, created)))"
    )
