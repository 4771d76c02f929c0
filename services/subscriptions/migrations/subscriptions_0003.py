"""The figures of webhooks, for telemetry."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "subscriptions_0003"
down_revision = "subscriptions_0002"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Webhooks that the worker has paused; one that its agency paused is meant to be.
CREATE FUNCTION machinery.count_paused_webhooks() RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) FROM webhook WHERE state = 'paused' AND pause_reason <> 'requested'
$$;

-- Webhooks whose last attempts failed.
CREATE FUNCTION machinery.count_failing_webhooks(attempts int) RETURNS bigint
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT count(*) FROM webhook WHERE state = 'active' AND failures >= attempts
$$;

-- The age in seconds of the oldest event that waits for a webhook whose last attempt did not fail.
CREATE FUNCTION machinery.oldest_waiting_delivery() RETURNS double precision
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT coalesce(extract(epoch FROM now() - min(first.created)), 0) FROM webhook w, LATERAL (
        SELECT d.created FROM delivery d WHERE d.root = w.id AND d.state = 'waiting' ORDER BY d.position LIMIT 1
    ) AS first
    WHERE w.state = 'active' AND w.failures = 0
$$;
REVOKE ALL ON FUNCTION machinery.count_paused_webhooks, machinery.count_failing_webhooks,
    machinery.oldest_waiting_delivery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.count_paused_webhooks, machinery.count_failing_webhooks,
    machinery.oldest_waiting_delivery TO {s}_app;
"""


def upgrade() -> None:
    op.execute(FUNCTIONS.format(s=service()))
