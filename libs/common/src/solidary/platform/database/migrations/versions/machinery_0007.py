"""Retention limits of the machinery tables (`solidary.platform.jobs.purging`), and indexes for what waits."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0007"
down_revision = "machinery_0006"
branch_labels = None
depends_on = None

INDEXES = """
-- A summary by blocks does not find the old among the new once space has been used again.
DROP INDEX machinery.inbox_at_idx, machinery.idempotency_at_idx;
CREATE INDEX ON machinery.inbox (at);
CREATE INDEX ON machinery.idempotency (at);
CREATE INDEX ON machinery.procrastinate_jobs (id) WHERE status = 'failed';
"""

PURGE_FEED = """
-- Over all agencies: drops some of the oldest events, and notes up to where each agency's feed is gone. An event that
-- nobody had read is given a place that is gone. Takes an agency's turn first, as a reader does.
CREATE FUNCTION machinery.purge_feed(before timestamptz, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = machinery AS $$
DECLARE
    whose uuid[] := ARRAY(SELECT DISTINCT agency FROM
        (SELECT agency FROM feed WHERE time < before ORDER BY time LIMIT at_most) AS oldest);
    dropped bigint;
BEGIN
    INSERT INTO feed_end AS e (agency) SELECT unnest(whose) ORDER BY 1
        ON CONFLICT (agency) DO UPDATE SET placed = e.placed;
    WITH gone AS (
        DELETE FROM feed WHERE (agency, pos) IN (SELECT agency, pos FROM feed
            WHERE agency = ANY(whose) AND time < before ORDER BY time LIMIT at_most)
        RETURNING agency, place
    ), of AS (
        SELECT agency, max(place) AS place, (count(*) > count(place))::int AS unread FROM gone GROUP BY agency
    ), noted AS (
        UPDATE feed_end e SET placed = e.placed + of.unread,
            purged = greatest(e.purged, of.place, (e.placed + of.unread) * of.unread)
        FROM of WHERE e.agency = of.agency
    )
    SELECT count(*) INTO dropped FROM gone;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION machinery.purge_feed FROM PUBLIC;
"""


def upgrade() -> None:
    op.execute(INDEXES)
    op.execute(PURGE_FEED)
    app = f"{service()}_app"
    op.execute(f"GRANT EXECUTE ON FUNCTION machinery.purge_feed TO {app}")
    op.execute(f"GRANT DELETE ON machinery.inbox TO {app}")
    op.execute(f"GRANT SELECT (lane) ON machinery.outbox TO {app}")
