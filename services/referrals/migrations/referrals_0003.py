"""The time of the last change of services and referrals."""

from solidary.platform.database.migrations import record_updates

revision = "referrals_0003"
down_revision = "referrals_0002"
branch_labels = None
depends_on = "machinery_0005"


def upgrade() -> None:
    """Add the columns; rows keep NULL until they change."""
    record_updates("service", "referral")
