"""The number of overdue referrals, for telemetry.

What comes before the index may run again: it is committed first.
"""

from alembic import op
from solidary.platform.database.migrations import create_index_concurrently, service

revision = "referrals_0002"
down_revision = "referrals_0001"
branch_labels = None
depends_on = None

FUNCTION = """
-- Rounded down to tens: an exact number would show when the referral of somebody in particular became overdue.
CREATE OR REPLACE FUNCTION machinery.count_overdue_referrals() RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) / 10 * 10 FROM referral WHERE state = 'requested' AND overdue_at IS NOT NULL
$$;
REVOKE ALL ON FUNCTION machinery.count_overdue_referrals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.count_overdue_referrals TO {s}_app;
"""


def upgrade() -> None:
    op.execute(FUNCTION.format(s=service()))
    create_index_concurrently(
        "referral_overdue", "data.referral (overdue_at) WHERE state = 'requested' AND overdue_at IS NOT NULL"
    )
