"""Cities and their cells, units of intervention, plans with their needs, actions, ballots and budget; demand."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service

revision = "planning_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

PUBLISHED = """
CREATE TABLE published.city (
    code text PRIMARY KEY,
    name text NOT NULL,
    pcode text NOT NULL,
    steward uuid NOT NULL,
    imported timestamptz NOT NULL
);
CREATE TABLE published.dataset (
    id uuid PRIMARY KEY,
    city text NOT NULL REFERENCES published.city,
    title text NOT NULL,
    publisher text NOT NULL,
    url text,
    licence text NOT NULL,
    period text NOT NULL,
    synthetic boolean NOT NULL,
    imported timestamptz NOT NULL
);
CREATE TABLE published.area (
    city text NOT NULL REFERENCES published.city,
    pcode text NOT NULL,
    name text NOT NULL,
    geometry bytea,
    dataset uuid NOT NULL REFERENCES published.dataset,
    PRIMARY KEY (city, pcode)
);
CREATE TABLE published.cell (
    city text NOT NULL REFERENCES published.city,
    id text NOT NULL,
    area text NOT NULL,
    geometry bytea NOT NULL,
    indicators jsonb NOT NULL,
    dataset uuid NOT NULL REFERENCES published.dataset,
    PRIMARY KEY (city, id),
    FOREIGN KEY (city, area) REFERENCES published.area
);
CREATE INDEX ON published.cell (city, area);
CREATE TABLE published.plan (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    unit text NOT NULL,
    area text NOT NULL,
    state text NOT NULL,
    diagnosis jsonb,
    actions jsonb NOT NULL,
    act_number text,
    updated timestamptz NOT NULL
);
CREATE TABLE published.demand (
    report uuid NOT NULL,
    line int NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    area text NOT NULL,
    category text NOT NULL,
    population_group text,
    sex text,
    age_band text,
    people int NOT NULL,
    PRIMARY KEY (report, line)
);
CREATE INDEX ON published.demand (area, period_end);
"""

AGENCIES = f"""
CREATE TABLE data.tiu ({OWNED},
    city text NOT NULL,
    area text NOT NULL,
    label text NOT NULL,
    outline bytea NOT NULL,
    cells text[] NOT NULL CHECK (cardinality(cells) > 0),
    population jsonb,
    FOREIGN KEY (city, area) REFERENCES published.area
);
CREATE INDEX ON data.tiu (agency, created, id);
CREATE TABLE data.plan ({OWNED},
    title text NOT NULL,
    tiu_id uuid NOT NULL REFERENCES data.tiu,
    currency char(3) NOT NULL,
    decimals smallint NOT NULL,
    budget_minor bigint NOT NULL CHECK (budget_minor > 0),
    state text NOT NULL,
    round int NOT NULL DEFAULT 0,
    cards int NOT NULL DEFAULT 0,
    diagnosis jsonb,
    act_number text,
    reason text,
    CHECK (state <> 'validated' OR act_number <> ''),
    CHECK (state <> 'returned' OR reason <> '')
);
CREATE INDEX ON data.plan (agency, created, id);
CREATE TABLE data.need ({OWNED},
    perspective text NOT NULL,
    community text NOT NULL,
    statement text NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    evidence jsonb NOT NULL
);
CREATE INDEX ON data.need (root);
CREATE TABLE data.action ({OWNED},
    title text NOT NULL,
    perspective text NOT NULL,
    needs uuid[] NOT NULL,
    cost_minor bigint CHECK (cost_minor > 0),
    frozen boolean NOT NULL DEFAULT false,
    verdict text NOT NULL DEFAULT 'open',
    reason text,
    outcome text NOT NULL DEFAULT 'proposed',
    derived_from uuid,
    proposed_by uuid,
    CONSTRAINT ck_action_reason CHECK (verdict <> 'unfeasible' OR reason <> ''),
    CONSTRAINT uq_action_derived_from UNIQUE (root, derived_from)
);
CREATE INDEX ON data.action (root);
CREATE TABLE data.card ({OWNED},
    round int NOT NULL,
    number int NOT NULL,
    CONSTRAINT uq_card_number UNIQUE (root, round, number)
);
CREATE TABLE data.ballot ({OWNED},
    round int NOT NULL,
    community text NOT NULL,
    channel text NOT NULL,
    approvals uuid[] NOT NULL
);
CREATE INDEX ON data.ballot (root, round);
CREATE TABLE data.allocation ({OWNED},
    round int NOT NULL,
    rule text NOT NULL,
    selected uuid[] NOT NULL,
    cost_minor bigint NOT NULL,
    budget_minor bigint NOT NULL,
    account jsonb,
    reason text,
    signer uuid,
    CONSTRAINT ck_allocation_within_budget CHECK (cost_minor <= budget_minor),
    CONSTRAINT ck_allocation_signed CHECK (rule <> 'greedy-custom' OR (reason <> '' AND signer IS NOT NULL))
);
CREATE INDEX ON data.allocation (root, created);
CREATE TABLE data.budget_line ({OWNED},
    action_id uuid NOT NULL REFERENCES data.action,
    perspective text NOT NULL,
    currency char(3) NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    may_draw uuid[] NOT NULL,
    CONSTRAINT uq_budget_line_action UNIQUE (action_id)
);
CREATE INDEX ON data.budget_line (root);
"""

FROZEN = """
CREATE FUNCTION data.costs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen AND NEW.frozen AND NEW.cost_minor IS DISTINCT FROM OLD.cost_minor THEN
        RAISE EXCEPTION 'published costs do not change' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'costs_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER costs_stay BEFORE UPDATE ON data.action FOR EACH ROW EXECUTE FUNCTION data.costs_stay();
"""


def upgrade() -> None:
    op.execute(PUBLISHED)
    op.execute(AGENCIES)
    op.execute(FROZEN)
    for table in ("city", "dataset", "area", "cell", "plan", "demand"):
        open_to_service(f"published.{table}")
    for table in ("tiu", "plan"):
        guard(table, root=True)
    for table in ("need", "action", "budget_line"):
        guard(table)
    for table in ("card", "ballot", "allocation"):
        guard(table, append_only=True)
