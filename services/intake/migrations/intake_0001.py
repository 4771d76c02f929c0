"""People, households, what they need, and what they let others know."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, service

revision = "intake_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT now()"""

TABLES = f"""
CREATE TABLE data.household ({OWNED},
    version int NOT NULL DEFAULT 1,
    area text NOT NULL,
    cell text,
    shelter text,
    own_income bigint NOT NULL DEFAULT 0 CHECK (own_income >= 0),
    other_aid bigint NOT NULL DEFAULT 0 CHECK (other_aid >= 0)
);

-- What identifies a person is in `identity`, sealed with the person's own key.
CREATE TABLE data.person ({OWNED},
    household_id uuid NOT NULL REFERENCES data.household,
    status text NOT NULL,
    relation text NOT NULL,
    sex text NOT NULL,
    birth_month date,
    population_group text NOT NULL,
    language text NOT NULL,
    identity bytea NOT NULL,
    payout bytea
);
CREATE INDEX ON data.person (agency, created, id);
CREATE INDEX ON data.person (household_id);

CREATE TABLE data.person_key ({OWNED},
    wrapped bytea NOT NULL,
    wrapped_by text NOT NULL
);

-- Keyed tokens of names' sounds, births, documents and telephones: found by equality, read by nobody.
CREATE TABLE data.search_token (
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    token bytea NOT NULL,
    root uuid NOT NULL,
    strong boolean NOT NULL,
    PRIMARY KEY (agency, token, root)
);
CREATE INDEX ON data.search_token (token, agency) WHERE strong;
CREATE INDEX ON data.search_token (root);

CREATE TABLE data.search ({OWNED},
    answer bytea NOT NULL
);
CREATE INDEX ON data.search (created);

CREATE TABLE data.registration ({OWNED},
    client_id uuid NOT NULL,
    said bytea NOT NULL,
    members uuid[] NOT NULL,
    CONSTRAINT registration_client UNIQUE (agency, client_id)
);

CREATE TABLE data.visit ({OWNED},
    day date NOT NULL,
    centre text NOT NULL,
    reason text NOT NULL,
    note bytea
);
CREATE INDEX ON data.visit (agency, root);

CREATE TABLE data.need ({OWNED},
    code text NOT NULL,
    tier text NOT NULL CHECK (tier = 'ordinary'),
    list_version text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    day date NOT NULL,
    state text NOT NULL DEFAULT 'open'
);
CREATE UNIQUE INDEX need_open ON data.need (agency, root, code) WHERE state = 'open';
CREATE INDEX ON data.need (agency, day);

-- What a specialist recorded. No list, count, export, timeline or event reads this table.
CREATE TABLE data.restricted_need ({OWNED},
    code text NOT NULL,
    tier text NOT NULL CHECK (tier = 'restricted'),
    list_version text NOT NULL,
    severity text NOT NULL,
    note bytea
);
CREATE INDEX ON data.restricted_need (agency, root);

CREATE TABLE data.consent ({OWNED},
    person_id uuid NOT NULL REFERENCES data.person,
    household_id uuid NOT NULL,
    package_id uuid NOT NULL UNIQUE,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    categories text[] NOT NULL,
    basis text NOT NULL,
    language text NOT NULL,
    channel text NOT NULL,
    given_by uuid,
    assent boolean NOT NULL DEFAULT false,
    valid_until timestamptz,
    state text NOT NULL,
    ended timestamptz
);
CREATE INDEX ON data.consent (agency, root);
CREATE INDEX ON data.consent (valid_until) WHERE state = 'granted';

-- Exactly what may be fetched under a consent; never changed. Its own aggregate, so that a share opens
-- this row to the recipient and nothing beside it.
CREATE TABLE data.package ({OWNED},
    consent_id uuid NOT NULL REFERENCES data.consent,
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient uuid NOT NULL,
    content bytea NOT NULL
);

CREATE TABLE data.guidance ({OWNED},
    route text NOT NULL,
    language text NOT NULL,
    review text NOT NULL,
    deadline date
);
CREATE INDEX ON data.guidance (agency, root);
CREATE INDEX ON data.guidance (agency, route);

CREATE TABLE data.procedure ({OWNED},
    route text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    deadline date
);
CREATE INDEX ON data.procedure (agency, root);
CREATE UNIQUE INDEX procedure_open ON data.procedure (agency, root, route)
    WHERE state NOT IN ('granted', 'denied', 'withdrawn');

CREATE TABLE data.timeline_entry ({OWNED},
    at timestamptz NOT NULL,
    kind text NOT NULL,
    reference uuid
);
CREATE INDEX ON data.timeline_entry (agency, root, created, id);

CREATE TABLE data.access_entry ({OWNED},
    subject uuid NOT NULL,
    service text,
    action text NOT NULL,
    reference uuid,
    recipient uuid,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ON data.access_entry (agency, created, id);
CREATE INDEX ON data.access_entry (agency, xid);
CREATE INDEX ON data.access_entry (agency, root);

-- Each seal holds all entries up to a transaction, and the seal before it: nothing can be taken out between.
CREATE TABLE data.access_seal ({OWNED},
    number int NOT NULL,
    upto xid8 NOT NULL,
    entries int NOT NULL,
    digest bytea NOT NULL,
    UNIQUE (agency, number)
);

CREATE TABLE data.demand_report ({OWNED},
    period_start date NOT NULL,
    period_end date NOT NULL,
    k int NOT NULL,
    cells jsonb NOT NULL,
    withheld int NOT NULL,
    tables jsonb NOT NULL,
    CONSTRAINT demand_report_period UNIQUE (agency, period_start)
);

CREATE TABLE published.tiu (
    id uuid PRIMARY KEY,
    label text NOT NULL,
    area text NOT NULL,
    cells text[] NOT NULL
);
"""

# What reaches over all agencies. Each tells no more than its caller may know.
FUNCTIONS = """
CREATE FUNCTION machinery.known_elsewhere(tokens bytea[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT EXISTS (SELECT FROM search_token
        WHERE strong AND token = ANY(tokens) AND agency <> current_setting('app.agency')::uuid)
$$;

CREATE FUNCTION machinery.consents_over(at timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT c.id, c.agency FROM consent c WHERE c.state = 'granted' AND c.valid_until <= at
$$;

CREATE FUNCTION machinery.agencies_with_open_log() RETURNS TABLE (agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT DISTINCT e.agency FROM access_entry e
    WHERE e.xid >= coalesce((SELECT max(s.upto) FROM access_seal s WHERE s.agency = e.agency), '0')
$$;

CREATE FUNCTION machinery.forget_searches(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = data AS $$
    DELETE FROM search WHERE created < before
$$;

REVOKE ALL ON FUNCTION machinery.known_elsewhere, machinery.consents_over, machinery.agencies_with_open_log,
    machinery.forget_searches FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.known_elsewhere, machinery.consents_over, machinery.agencies_with_open_log,
    machinery.forget_searches TO {s}_app;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS.format(s=service()))
    for aggregate in ("household", "person", "demand_report"):
        guard(aggregate, root=True)
    guard("package", root=True, append_only=True)
    for part in (
        "person_key",
        "search_token",
        "search",
        "registration",
        "visit",
        "need",
        "restricted_need",
        "consent",
        "guidance",
        "procedure",
        "timeline_entry",
    ):
        guard(part)
    for log in ("access_entry", "access_seal"):
        guard(log, append_only=True)
    open_to_service("published.tiu")
