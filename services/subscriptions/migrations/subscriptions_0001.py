"""The feed of each agency."""

from alembic import op
from solidary.platform.database.migrations import service

revision = "subscriptions_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

FEED = """
-- The last position in an agency's feed, and the last one that was purged. Who appends to a feed locks its row, so
-- positions become visible in their order.
CREATE TABLE data.feed (
    agency uuid PRIMARY KEY,
    last_position bigint NOT NULL DEFAULT 0,
    purged_position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- One row for each event and agency that it concerns. `owner` is the agency that owns the event.
CREATE TABLE data.event (
    agency uuid NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    owner uuid NOT NULL,
    sequence bigint NOT NULL,
    time timestamptz NOT NULL,
    received timestamptz NOT NULL DEFAULT now(),
    payload text NOT NULL,
    PRIMARY KEY (agency, position)
);
CREATE UNIQUE INDEX uq_event_agency_id ON data.event (agency, id);
CREATE INDEX ON data.event (received);
"""

POLICIES = """
ALTER TABLE data.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE data.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_select ON data.{table} FOR SELECT USING (agency = (SELECT current_setting('app.agency'))::uuid);
REVOKE ALL ON data.{table} FROM {s}_app;
GRANT SELECT ON data.{table} TO {s}_app;
"""

APPEND = """
-- Appends a batch of events to the feeds of the agencies concerned: `numbers` and `agencies` are pairs of an event's
-- number in the batch and an agency. An event that a feed has already is left out.
CREATE FUNCTION data.append_events(ids uuid[], sources text[], types text[], subjects text[], owners uuid[],
    sequences bigint[], times timestamptz[], payloads text[], numbers bigint[], agencies uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    appended bigint;
BEGIN
    INSERT INTO feed AS f (agency) SELECT DISTINCT a FROM unnest(agencies) AS a ORDER BY 1
        ON CONFLICT (agency) DO UPDATE SET last_position = f.last_position;
    WITH concerned AS MATERIALIZED (
        SELECT c.agency, e.*, row_number() OVER (PARTITION BY c.agency ORDER BY e.number) AS nth
        FROM unnest(numbers, agencies) AS c(number, agency)
            JOIN unnest(ids, sources, types, subjects, owners, sequences, times, payloads) WITH ORDINALITY
                AS e(id, source, type, subject, owner, sequence, time, payload, number) ON e.number = c.number
        WHERE NOT EXISTS (SELECT FROM event known WHERE known.agency = c.agency AND known.id = e.id)
    ), added AS (
        INSERT INTO event (agency, position, id, source, type, subject, owner, sequence, time, payload)
        SELECT c.agency, f.last_position + c.nth, c.id, c.source, c.type, c.subject, c.owner, c.sequence, c.time,
            c.payload
        FROM concerned c JOIN feed f ON f.agency = c.agency
        RETURNING 1
    ), moved AS (
        UPDATE feed f SET last_position = f.last_position + counted.events
        FROM (SELECT agency, count(*) AS events FROM concerned GROUP BY agency) AS counted
        WHERE f.agency = counted.agency
    )
    SELECT count(*) INTO appended FROM added;
    PERFORM pg_notify('feed', a::text) FROM (SELECT DISTINCT unnest(agencies) AS a) AS concerned;
    RETURN appended;
END $$;
REVOKE ALL ON FUNCTION data.append_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data.append_events TO {s}_app;
"""

PURGE = """
-- Deletes some of the events of all agencies that arrived before a moment, the oldest first, and records how far each
-- feed is purged.
CREATE FUNCTION data.purge_events(before timestamptz, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    deleted bigint;
BEGIN
    WITH purged AS (
        DELETE FROM event WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM event WHERE received < before ORDER BY received LIMIT at_most))
        RETURNING agency, position
    ), recorded AS (
        UPDATE feed f SET purged_position = greatest(f.purged_position, ended.position)
        FROM (SELECT agency, max(position) AS position FROM purged GROUP BY agency) AS ended
        WHERE f.agency = ended.agency
    )
    SELECT count(*) INTO deleted FROM purged;
    RETURN deleted;
END $$;
REVOKE ALL ON FUNCTION data.purge_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data.purge_events TO {s}_app;
"""


def upgrade() -> None:
    op.execute(FEED)
    for table in ("feed", "event"):
        op.execute(POLICIES.format(table=table, s=service()))
    op.execute(APPEND.format(s=service()))
    op.execute(PURGE.format(s=service()))
