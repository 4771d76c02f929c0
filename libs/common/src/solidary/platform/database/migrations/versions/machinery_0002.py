"""Events of the release before reach the feeds of the subscriptions: its rows of `machinery.feed` become notices.

An API or a worker of the release before may write for some minutes after this revision. It adds rows to
`machinery.feed` and none for the subscriptions, so the trigger adds these.
"""

from alembic import op
from solidary.platform.database.migrations import service

revision = "machinery_0002"
down_revision = "machinery_0001"
branch_labels = None
depends_on = None

FORWARD = """
-- Adds the notices of events whose writer knows only `machinery.feed`.
CREATE FUNCTION machinery.forward_feed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = machinery, pg_temp AS $$
BEGIN
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
    SELECT id, '{s}.parties', subject, 'org.solidary.notice.v1',
        '{{"type":' || to_json(type) || ',"agencies":' || json_agg(agency) || ',"data":' || payload || '}}',
        owner, sequence, time
    FROM added GROUP BY id, outbox_position, subject, type, payload, owner, sequence, time ORDER BY outbox_position;
    RETURN NULL;
END $$;
CREATE TRIGGER forward_feed AFTER INSERT ON machinery.feed REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION machinery.forward_feed();
"""


def upgrade() -> None:
    op.execute(FORWARD.format(s=service()))
