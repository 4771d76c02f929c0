"""Webhooks and their deliveries."""

from alembic import op
from solidary.platform.database.migrations import guard, record_transitions, service

revision = "subscriptions_0002"
down_revision = "subscriptions_0001"
branch_labels = None
depends_on = None

WEBHOOK = """
CREATE TABLE data.webhook (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    url text NOT NULL,
    types text[] NOT NULL DEFAULT '{}',
    description text,
    state text NOT NULL,
    pause_reason text,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamptz,
    failures int NOT NULL DEFAULT 0,
    failing_since timestamptz,
    retry_at timestamptz,
    CONSTRAINT webhook_pause_reason CHECK ((state = 'paused') = (pause_reason IS NOT NULL)),
    UNIQUE (agency, id)
);
CREATE INDEX ON data.webhook (agency, created, id);
CREATE INDEX ON data.webhook (id) WHERE state = 'active';
CREATE TRIGGER webhook_transition BEFORE INSERT OR UPDATE OF state ON data.webhook FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('webhook');
"""

DELIVERY = """
-- One row for each event and webhook. `root` is the webhook; the event is at `position` of the agency's feed. A worker
-- leases a row for one attempt; `lease` is the id of that attempt, so that one that ends too late changes nothing.
CREATE TABLE data.delivery (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT delivery_state CHECK (state IN ('waiting', 'delivered')),
    attempts int NOT NULL DEFAULT 0,
    due timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    lease uuid,
    status int,
    failure text,
    delivered timestamptz,
    CONSTRAINT uq_delivery_root_position UNIQUE (root, position),
    FOREIGN KEY (agency, root) REFERENCES data.webhook (agency, id) ON DELETE CASCADE,
    FOREIGN KEY (agency, position) REFERENCES data.event ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX ON data.delivery (agency, position);
CREATE INDEX ON data.delivery (agency, root, created, id);
CREATE INDEX ON data.delivery (root, position) WHERE state = 'waiting';
CREATE INDEX ON data.delivery (root, subject, position) WHERE state = 'waiting';
ALTER TABLE data.delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE data.delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_select ON data.delivery FOR SELECT USING (agency = (SELECT current_setting('app.agency'))::uuid);
CREATE POLICY agency_insert ON data.delivery FOR INSERT
    WITH CHECK (agency = (SELECT current_setting('app.agency'))::uuid);
CREATE POLICY agency_update ON data.delivery FOR UPDATE USING (agency = (SELECT current_setting('app.agency'))::uuid);
REVOKE ALL ON data.delivery FROM {s}_app;
GRANT SELECT, INSERT ON data.delivery TO {s}_app;
GRANT UPDATE (state, attempts, due, leased_until, lease, status, failure, delivered) ON data.delivery TO {s}_app;
"""

APPEND = """
CREATE OR REPLACE FUNCTION data.append_events(ids uuid[], sources text[], types text[], subjects text[], owners uuid[],
    sequences bigint[], times timestamptz[], payloads text[], numbers bigint[], agencies uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = data, pg_temp AS $$
DECLARE
    appended bigint;
    queued bigint;
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
        RETURNING event.agency, event.position, event.id, event.type, event.subject
    ), moved AS (
        UPDATE feed f SET last_position = f.last_position + counted.events
        FROM (SELECT agency, count(*) AS events FROM concerned GROUP BY agency) AS counted
        WHERE f.agency = counted.agency
    ), to_deliver AS (
        INSERT INTO delivery (agency, root, position, event_id, type, subject)
        SELECT a.agency, w.id, a.position, a.id, a.type, a.subject
        FROM added a JOIN webhook w ON w.agency = a.agency AND (cardinality(w.types) = 0 OR a.type = ANY(w.types))
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM to_deliver) INTO appended, queued;
    PERFORM pg_notify('feed', a::text) FROM (SELECT DISTINCT unnest(agencies) AS a) AS concerned;
    IF queued > 0 THEN
        PERFORM pg_notify('deliveries', '');
    END IF;
    RETURN appended;
END $$;
"""

DUE = """
-- The webhooks of all agencies to which an event may be sent now.
CREATE FUNCTION data.webhooks_with_due_deliveries() RETURNS TABLE (id uuid, agency uuid, failures int)
STABLE LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    SELECT w.id, w.agency, w.failures FROM webhook w
    WHERE w.state = 'active' AND (w.retry_at IS NULL OR w.retry_at <= now()) AND EXISTS (
        SELECT FROM delivery d WHERE d.root = w.id AND d.state = 'waiting' AND d.due <= now()
            AND (d.leased_until IS NULL OR d.leased_until <= now()))
$$;
REVOKE ALL ON FUNCTION data.webhooks_with_due_deliveries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data.webhooks_with_due_deliveries TO {s}_app;

-- Deletes secrets of webhooks that sign no more.
CREATE FUNCTION data.delete_previous_secrets() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data, pg_temp AS $$
    UPDATE webhook SET previous_secret = NULL, previous_until = NULL WHERE previous_until < now()
$$;
REVOKE ALL ON FUNCTION data.delete_previous_secrets FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data.delete_previous_secrets TO {s}_app;
"""


def upgrade() -> None:
    record_transitions(
        "webhook", [(None, "active"), (None, "paused"), ("active", "paused"), ("paused", "active")]
    )
    op.execute(WEBHOOK)
    guard("webhook", root=True)
    op.execute(DELIVERY.format(s=service()))
    op.execute(APPEND)
    op.execute(DUE.format(s=service()))
