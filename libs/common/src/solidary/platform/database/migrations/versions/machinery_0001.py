"""The platform's tables in every service's database: the machinery's own, shares, and long work."""

from alembic import op
from procrastinate.schema import SchemaManager
from solidary.platform.database.migrations import guard, record_writer, service

revision = "machinery_0001"
down_revision = None
branch_labels = ("machinery",)
depends_on = None

SCHEMAS = """
CREATE SCHEMA data;
CREATE SCHEMA published;
GRANT USAGE ON SCHEMA data, machinery, published TO {s}_app, {s}_backup;
GRANT USAGE ON SCHEMA machinery TO {s}_relay;
ALTER DEFAULT PRIVILEGES IN SCHEMA data, machinery, published GRANT SELECT ON TABLES TO {s}_backup;
GRANT SELECT ON machinery.revision TO {s}_app, {s}_backup;
"""

OUTBOX = """
-- The number of events of each aggregate. Its row is locked before an outbox row gets its position, so the outbox
-- holds an aggregate's events in the order of their commits.
CREATE TABLE machinery.aggregate_sequence (
    aggregateid text PRIMARY KEY,
    sequence bigint NOT NULL
) WITH (fillfactor = 70);

-- The order of all events, also of those that only feeds show.
CREATE SEQUENCE machinery.outbox_position;

-- Events that wait for the relay. Column names are those of Debezium's outbox, so that an operator may switch to it:
-- `aggregatetype` is the topic without the country (`intake.cases`), as Debezium's event router takes it.
CREATE TABLE machinery.outbox (
    position bigint NOT NULL DEFAULT nextval('machinery.outbox_position'),
    lane smallint GENERATED ALWAYS AS (hashtext(aggregateid) & 15) STORED,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    agency uuid NOT NULL,
    sequence bigint NOT NULL,
    traceparent text,
    time timestamptz NOT NULL,
    PRIMARY KEY (lane, position)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

GRANT SELECT, INSERT, UPDATE ON machinery.aggregate_sequence TO {s}_app;
GRANT SELECT (position, lane, id, sequence, time), INSERT ON machinery.outbox TO {s}_app;
GRANT SELECT, DELETE, MAINTAIN ON machinery.outbox TO {s}_relay;
"""

FEED = """
-- The events that each agency may follow: one row for each event and agency concerned. `position` is the place in the
-- agency's feed, which is assigned when somebody reads that far; null until then.
CREATE TABLE machinery.feed (
    agency uuid NOT NULL,
    outbox_position bigint NOT NULL,
    position bigint,
    id uuid NOT NULL,
    owner uuid NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    time timestamptz NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (agency, outbox_position)
);
CREATE INDEX ON machinery.feed (time);
CREATE UNIQUE INDEX ON machinery.feed (agency, position) WHERE position IS NOT NULL;
CREATE INDEX ON machinery.feed (agency, outbox_position) WHERE position IS NULL;
ALTER TABLE machinery.feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE machinery.feed FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_select ON machinery.feed FOR SELECT USING (agency = {agency});
CREATE POLICY agency_update ON machinery.feed FOR UPDATE USING (agency = {agency});
CREATE POLICY any_insert ON machinery.feed FOR INSERT WITH CHECK (true);

-- The last position assigned in an agency's feed, and the last one that was purged.
CREATE TABLE machinery.feed_state (
    agency uuid PRIMARY KEY,
    last_position bigint NOT NULL DEFAULT 0,
    purged_position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
ALTER TABLE machinery.feed_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE machinery.feed_state FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_all ON machinery.feed_state USING (agency = {agency});

-- Replaced by an operator after a restore that the database cannot notice by itself.
CREATE TABLE machinery.feed_epoch (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO machinery.feed_epoch DEFAULT VALUES;

-- Identifies this database among all its copies: a restored copy has another cluster, timeline or OID.
CREATE FUNCTION machinery.database_identity() RETURNS text STABLE LANGUAGE sql AS $$
    SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'machinery.feed_epoch'::regclass::oid)
    FROM pg_control_system()
$$;

-- A cursor is valid in the epoch that it names; a database that was restored or made anew has another one.
CREATE FUNCTION machinery.current_feed_epoch() RETURNS uuid STABLE LANGUAGE sql AS $$
    SELECT md5(id || '/' || machinery.database_identity())::uuid FROM machinery.feed_epoch
$$;

-- Deletes some of the oldest events of all agencies and records how far each agency's feed is purged. An event that
-- nobody had read is assigned a position, which counts as purged. Locks an agency's state first, as a reader does.
CREATE FUNCTION machinery.purge_feed(before timestamptz, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = machinery, pg_temp AS $$
DECLARE
    agencies uuid[] := ARRAY(SELECT DISTINCT agency FROM
        (SELECT agency FROM feed WHERE time < before ORDER BY time LIMIT at_most) AS oldest);
    deleted bigint;
BEGIN
    INSERT INTO feed_state AS s (agency) SELECT unnest(agencies) ORDER BY 1
        ON CONFLICT (agency) DO UPDATE SET last_position = s.last_position;
    WITH purged AS (
        DELETE FROM feed WHERE (agency, outbox_position) IN (SELECT agency, outbox_position FROM feed
            WHERE agency = ANY(agencies) AND time < before ORDER BY time LIMIT at_most)
        RETURNING agency, position
    ), by_agency AS (
        SELECT agency, max(position) AS position, (count(*) > count(position))::int AS unread
        FROM purged GROUP BY agency
    ), recorded AS (
        UPDATE feed_state s SET last_position = s.last_position + by_agency.unread,
            purged_position = greatest(s.purged_position, by_agency.position,
                (s.last_position + by_agency.unread) * by_agency.unread)
        FROM by_agency WHERE s.agency = by_agency.agency
    )
    SELECT count(*) INTO deleted FROM purged;
    RETURN deleted;
END $$;
REVOKE ALL ON FUNCTION machinery.purge_feed FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE (position) ON machinery.feed TO {s}_app;
GRANT SELECT, INSERT, UPDATE (last_position) ON machinery.feed_state TO {s}_app;
GRANT SELECT ON machinery.feed_epoch TO {s}_app;
GRANT EXECUTE ON FUNCTION machinery.purge_feed TO {s}_app;
"""

INBOX = """
-- The events that each subscriber has handled. A discarded event was given up by an operator: it has no effect, nor
-- gets one when the read model is rebuilt. Indexed by time as a B-tree: a block range index does not find the old
-- entries among the new once space has been reused.
CREATE TABLE machinery.inbox (
    subscriber text NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    discarded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subscriber, event_id)
);
CREATE INDEX ON machinery.inbox (handled_at);

-- Keys of which an event failed repeatedly: their events wait in order until an operator replays or discards them.
CREATE TABLE machinery.parked_key (
    subscriber text NOT NULL,
    key text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    attempts int NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (subscriber, key)
);

-- `headers`: pairs of a name and a value in base64, since a value need not be text.
CREATE TABLE machinery.parked_event (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscriber text NOT NULL,
    key text NOT NULL,
    event_id text NOT NULL,
    headers jsonb NOT NULL,
    value bytea NOT NULL,
    UNIQUE (subscriber, event_id),
    FOREIGN KEY (subscriber, key) REFERENCES machinery.parked_key
);

-- The lag of each subscriber, as its worker last measured it. A worker measures the partitions that it reads; the time
-- of one that nobody reads stays.
CREATE TABLE machinery.lag (
    subscriber text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    events bigint NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subscriber, topic, partition)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, DELETE ON machinery.inbox TO {s}_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.parked_key, machinery.parked_event, machinery.lag TO {s}_app;
"""

IDEMPOTENCY = """
-- A digest of the request and a reference to its result; never the answer, which may hold names.
CREATE TABLE machinery.idempotency (
    agency uuid NOT NULL,
    subject uuid NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    result text,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agency, subject, key)
);
CREATE INDEX ON machinery.idempotency (claimed_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.idempotency TO {s}_app;
"""

OWNERSHIP = """
-- The agency that owns each aggregate: a reaction looks up for which agency it acts.
CREATE TABLE machinery.aggregate_owner (
    root uuid PRIMARY KEY,
    agency uuid NOT NULL
);
GRANT SELECT ON machinery.aggregate_owner TO {s}_app;

-- The triggers of `guard`.
CREATE FUNCTION machinery.record_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = machinery, pg_temp AS $$
BEGIN
    INSERT INTO aggregate_owner (root, agency) VALUES (NEW.root, NEW.agency);
    RETURN NULL;
END $$;

CREATE FUNCTION machinery.forbid_owner_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.agency <> OLD.agency OR NEW.root <> OLD.root THEN
        RAISE EXCEPTION 'the agency and the root of a row cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION machinery.record_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.recorded_by <> OLD.recorded_by OR NEW.changed_by IS DISTINCT FROM OLD.changed_by THEN
        RAISE EXCEPTION 'the writer of a row cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.changed_by := nullif(current_setting('app.subject', true), '')::uuid;
    RETURN NEW;
END $$;
"""

TRANSITIONS = """
-- The transitions of each state machine. `source` is null for the states in which an aggregate may begin.
CREATE TABLE machinery.transition (
    machine text NOT NULL,
    source text,
    target text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (machine, source, target)
);
GRANT SELECT ON machinery.transition TO {s}_app;

-- CREATE TRIGGER payment_plan_transition BEFORE INSERT OR UPDATE OF state ON data.payment_plan FOR EACH ROW
--     EXECUTE FUNCTION machinery.check_transition('payment_plan');
CREATE FUNCTION machinery.check_transition() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = machinery, pg_temp AS $$
DECLARE
    previous_state text := CASE TG_OP WHEN 'UPDATE' THEN OLD.state END;
BEGIN
    IF NEW.state IS DISTINCT FROM previous_state AND NOT EXISTS (SELECT FROM transition t
        WHERE t.machine = TG_ARGV[0] AND t.source IS NOT DISTINCT FROM previous_state AND t.target = NEW.state) THEN
        RAISE EXCEPTION 'no transition of % from % to %', TG_ARGV[0], previous_state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0] || '_transition';
    END IF;
    RETURN NEW;
END $$;
"""

SHARES = """
-- Lets an agency reach an aggregate of another one, at a level, for a reason, until a moment.
CREATE TABLE data.share (
    id uuid PRIMARY KEY,
    root uuid NOT NULL,
    owner uuid NOT NULL,
    agency uuid NOT NULL,
    level text NOT NULL CONSTRAINT share_level CHECK (level IN ('read', 'act', 'draw')),
    reason text NOT NULL,
    reference uuid,
    valid_until timestamptz
);
CREATE INDEX ON data.share (root, agency);
CREATE INDEX ON data.share (agency, root);
ALTER TABLE data.share ENABLE ROW LEVEL SECURITY;
ALTER TABLE data.share FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_select ON data.share FOR SELECT USING (owner = {agency} OR agency = {agency});
CREATE POLICY agency_insert ON data.share FOR INSERT WITH CHECK (owner = {agency});
CREATE POLICY agency_update ON data.share FOR UPDATE USING (owner = {agency});
CREATE POLICY agency_delete ON data.share FOR DELETE USING (owner = {agency});
GRANT SELECT, INSERT, UPDATE, DELETE ON data.share TO {s}_app;
"""

WORK = """
-- Long work that an agency asked for, and its progress.
CREATE TABLE data.work (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    done bigint NOT NULL DEFAULT 0 CONSTRAINT work_done_not_negative CHECK (done >= 0),
    total bigint CONSTRAINT work_total_not_negative CHECK (total >= 0),
    result text,
    finished timestamptz,
    failure jsonb,
    CONSTRAINT work_failure_when_finished CHECK (failure IS NULL OR finished IS NOT NULL)
);
CREATE INDEX ON data.work (agency, created DESC, id DESC);
"""

WORK_GRANTS = """
REVOKE UPDATE, DELETE ON data.work FROM {s}_app;
GRANT UPDATE (done, total, result, finished, failure) ON data.work TO {s}_app;
"""

JOB_GRANTS = """
CREATE INDEX ON machinery.procrastinate_jobs (id) WHERE status = 'failed';
DO $$ DECLARE job_table text; BEGIN
    FOR job_table IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'machinery' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.%I TO {s}_app', job_table);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    names = {"s": service(), "agency": "(SELECT current_setting('app.agency'))::uuid"}
    for section in (SCHEMAS, OUTBOX, FEED, INBOX, IDEMPOTENCY, OWNERSHIP, TRANSITIONS, SHARES, WORK):
        op.execute(section.format(**names))
    record_writer("share")
    guard("work", root=True, write=())
    op.execute(WORK_GRANTS.format(**names))
    _create_job_queue()
    op.execute(JOB_GRANTS.format(**names))
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA machinery TO {service()}_app")


def _create_job_queue() -> None:
    """Create the tables and functions of procrastinate in the schema `machinery`."""
    op.execute("SET LOCAL search_path = machinery")
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path = data, machinery, published, public")
