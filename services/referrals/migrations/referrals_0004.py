"""The indexes of lists of what changed, and of referrals in a state or to a service."""

from solidary.platform.database.migrations import create_index_concurrently

revision = "referrals_0004"
down_revision = "referrals_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the indexes beside readers and writers; each is built again where an attempt was interrupted."""
    create_index_concurrently("service_updated", "data.service (agency, (coalesce(updated, created)))")
    create_index_concurrently("referral_updated", "data.referral (agency, (coalesce(updated, created)))")
    create_index_concurrently("referral_state", "data.referral (agency, state, created, id)")
    create_index_concurrently("referral_service", "data.referral (agency, service_id, created, id)")
