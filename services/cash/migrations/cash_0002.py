"""The number of stuck payment plans, for telemetry."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "cash_0002"
down_revision = "cash_0001"
branch_labels = None
depends_on = None

FUNCTION = """
-- Plans whose money is on its way and that nobody has touched for so long. There are few plans, and none is of one
-- person, so the number is exact.
CREATE FUNCTION machinery.count_stuck_plans(age interval) RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) FROM payment_plan
    WHERE state IN ('released', 'dispatched', 'reconciling') AND last_changed < now() - age
$$;
REVOKE ALL ON FUNCTION machinery.count_stuck_plans FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.count_stuck_plans TO {s}_app;
"""


def upgrade() -> None:
    op.execute(FUNCTION.format(s=service()))
