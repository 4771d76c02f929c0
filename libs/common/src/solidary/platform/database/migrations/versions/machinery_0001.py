"""The machinery that every database has."""

from alembic import op
from procrastinate.schema import SchemaManager
from solidary.platform.database.migrations import service

revision = "machinery_0001"
down_revision = None
branch_labels = ("machinery",)
depends_on = None

TABLES = """
CREATE SCHEMA data;
CREATE SCHEMA published;

-- Changes when the database is restored or made anew: cursors of an earlier life are then refused.
CREATE TABLE machinery.epoch (epoch uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO machinery.epoch DEFAULT VALUES;

-- Each aggregate's own count of events. Its row is locked before the outbox row gets its place, so the
-- outbox holds an aggregate's events in the order of their commits.
CREATE TABLE machinery.stream (
    aggregateid text PRIMARY KEY,
    sequence bigint NOT NULL
) WITH (fillfactor = 70);

-- What waits to be sent. Column names are those of Debezium's outbox, so an operator may switch to it.
CREATE TABLE machinery.outbox (
    pos bigint GENERATED ALWAYS AS IDENTITY,
    lane smallint GENERATED ALWAYS AS (hashtext(aggregateid) & 15) STORED,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    agency uuid NOT NULL,
    parties text,
    sequence bigint NOT NULL,
    traceparent text,
    time timestamptz NOT NULL,
    PRIMARY KEY (lane, pos)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- What each agency may follow: one row per event and agency concerned. `xid` lets a reader stop before
-- transactions that are still open, so a late commit is never skipped.
CREATE TABLE machinery.feed (
    agency uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    pos bigint NOT NULL,
    id uuid NOT NULL,
    owner uuid NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    time timestamptz NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (agency, xid, pos)
);
CREATE INDEX ON machinery.feed (time);

CREATE TABLE machinery.inbox (
    subscriber text NOT NULL,
    event_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscriber, event_id)
);
CREATE INDEX ON machinery.inbox USING brin (at);

CREATE TABLE machinery.parked_key (
    subscriber text NOT NULL,
    key text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    attempts int NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (subscriber, key)
);

CREATE TABLE machinery.parked_event (
    pos bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscriber text NOT NULL,
    key text NOT NULL,
    event_id text NOT NULL,
    headers jsonb NOT NULL,
    value bytea NOT NULL,
    UNIQUE (subscriber, event_id),
    FOREIGN KEY (subscriber, key) REFERENCES machinery.parked_key
);

-- Which agency owns an aggregate: how a reaction learns for whom it acts.
CREATE TABLE machinery.root (
    root uuid PRIMARY KEY,
    agency uuid NOT NULL
);

-- A digest of the request and a reference to its result; never the answer, which may hold names.
CREATE TABLE machinery.idempotency (
    agency uuid NOT NULL,
    subject uuid NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    result text,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agency, subject, key)
);
CREATE INDEX ON machinery.idempotency USING brin (at);

CREATE TABLE data.share (
    id uuid PRIMARY KEY,
    root uuid NOT NULL,
    owner uuid NOT NULL,
    agency uuid NOT NULL,
    level text NOT NULL CHECK (level IN ('read', 'act', 'draw')),
    why text NOT NULL,
    reference uuid,
    sort timestamptz NOT NULL,
    until timestamptz
);
CREATE INDEX ON data.share (root, agency);
CREATE INDEX ON data.share (agency, sort, root);

CREATE TABLE data.progress (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    what text NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    finished timestamptz,
    failure text
);
CREATE INDEX ON data.progress (agency, root);
"""

FUNCTIONS = """
CREATE FUNCTION machinery.owner_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.agency <> OLD.agency OR NEW.root <> OLD.root THEN
        RAISE EXCEPTION 'a row keeps its owner agency and its root' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION machinery.owner_known() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = machinery AS $$
BEGIN
    INSERT INTO machinery.root (root, agency) VALUES (NEW.root, NEW.agency);
    RETURN NULL;
END $$;
"""

ME = "(SELECT current_setting('app.agency'))::uuid"

POLICIES = f"""
ALTER TABLE data.share ENABLE ROW LEVEL SECURITY;
ALTER TABLE data.share FORCE ROW LEVEL SECURITY;
CREATE POLICY see ON data.share FOR SELECT USING (owner = {ME} OR agency = {ME});
CREATE POLICY add ON data.share FOR INSERT WITH CHECK (owner = {ME});
CREATE POLICY change ON data.share FOR UPDATE USING (owner = {ME});
CREATE POLICY remove ON data.share FOR DELETE USING (owner = {ME});

ALTER TABLE data.progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE data.progress FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON data.progress USING (agency = {ME});

ALTER TABLE machinery.feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE machinery.feed FORCE ROW LEVEL SECURITY;
CREATE POLICY see ON machinery.feed FOR SELECT USING (agency = {ME});
CREATE POLICY add ON machinery.feed FOR INSERT WITH CHECK (true);
"""

GRANTS = """
GRANT USAGE ON SCHEMA data, machinery, published TO {s}_app, {s}_backup;
GRANT USAGE ON SCHEMA machinery TO {s}_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON data.share, data.progress TO {s}_app;
GRANT SELECT ON machinery.epoch, machinery.root, machinery.revision TO {s}_app;
GRANT SELECT, INSERT, UPDATE ON machinery.stream TO {s}_app;
GRANT SELECT (pos, id, sequence, time), INSERT ON machinery.outbox TO {s}_app;
GRANT SELECT, INSERT ON machinery.feed TO {s}_app;
GRANT SELECT, INSERT ON machinery.inbox TO {s}_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.parked_key, machinery.parked_event,
    machinery.idempotency TO {s}_app;
GRANT SELECT, DELETE ON machinery.outbox TO {s}_relay;
ALTER DEFAULT PRIVILEGES IN SCHEMA data, machinery, published GRANT SELECT ON TABLES TO {s}_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA data, machinery TO {s}_backup;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    op.execute(POLICIES)
    op.execute("SET LOCAL search_path = machinery")
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path = data, machinery, published, public")
    op.execute(GRANTS.format(s=service()))
    op.execute(
        f"""DO $$ DECLARE t text; BEGIN
        FOR t IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'machinery' AND tablename LIKE 'procrastinate%' LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.%I TO {service()}_app', t);
        END LOOP; END $$"""
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA machinery TO {service()}_app")
