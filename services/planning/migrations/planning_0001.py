"""Cities and their cells, Territorial Intervention Units, plans with their actions, ballots and budget, and demand."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions

revision = "planning_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

AGENCY_COLUMNS = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

CITIES = f"""
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
CREATE INDEX cell_by_area ON published.cell (city, area);

-- A city as it was sent, until it is imported.
CREATE TABLE data.city_upload ({AGENCY_COLUMNS},
    body bytea NOT NULL
);
CREATE INDEX city_upload_by_agency ON data.city_upload (agency, created);
"""

TIUS_AND_DEMAND = f"""
CREATE TABLE data.tiu ({AGENCY_COLUMNS},
    city text NOT NULL,
    area text NOT NULL,
    label text NOT NULL,
    outline bytea NOT NULL,
    cells text[] NOT NULL CONSTRAINT tiu_cells_required CHECK (cardinality(cells) > 0),
    population jsonb,
    FOREIGN KEY (city, area) REFERENCES published.area
);
CREATE INDEX tiu_by_agency ON data.tiu (agency, created, id);

CREATE TABLE published.demand (
    report uuid NOT NULL,
    line integer NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    area text NOT NULL,
    category text NOT NULL,
    population_group text,
    sex text,
    age_band text,
    people integer NOT NULL,
    PRIMARY KEY (report, line)
);
CREATE INDEX demand_by_area ON published.demand (area, period_end);
"""

PLANS = f"""
CREATE TABLE data.plan ({AGENCY_COLUMNS},
    title text NOT NULL,
    tiu_id uuid NOT NULL REFERENCES data.tiu,
    currency text NOT NULL,
    decimals integer NOT NULL,
    budget_minor bigint NOT NULL CONSTRAINT plan_budget_positive CHECK (budget_minor > 0),
    state text NOT NULL,
    round integer NOT NULL DEFAULT 0,
    cards integer NOT NULL DEFAULT 0,
    selected_actions integer NOT NULL DEFAULT 0,
    diagnosis jsonb,
    act_number text,
    reason text,
    CONSTRAINT plan_act_required CHECK (state <> 'validated' OR act_number <> ''),
    CONSTRAINT plan_return_reason_required CHECK (state <> 'returned' OR reason <> '')
);
CREATE INDEX plan_by_agency ON data.plan (agency, created, id);
CREATE TRIGGER plan_transition BEFORE INSERT OR UPDATE OF state ON data.plan FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('plan');

CREATE TABLE published.plan (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    tiu text NOT NULL,
    area text NOT NULL,
    state text NOT NULL,
    diagnosis jsonb,
    actions jsonb NOT NULL,
    act_number text,
    updated timestamptz NOT NULL
);

CREATE TABLE data.need ({AGENCY_COLUMNS},
    perspective text NOT NULL,
    community text NOT NULL,
    statement text NOT NULL,
    severity integer NOT NULL CONSTRAINT need_severity_range CHECK (severity BETWEEN 1 AND 5),
    evidence jsonb NOT NULL
);
CREATE INDEX need_by_plan ON data.need (root);
"""

PLAN_TRANSITIONS = (
    (None, "draft"),
    ("draft", "diagnosis"),
    ("diagnosis", "needs_agreed"),
    ("needs_agreed", "co_creation"),
    ("co_creation", "feasibility"),
    ("feasibility", "costs_published"),
    ("costs_published", "balloting"),
    ("balloting", "ballots_reviewed"),
    ("ballots_reviewed", "allocated"),
    ("allocated", "submitted_to_government"),
    ("submitted_to_government", "validated"),
    ("submitted_to_government", "returned"),
    ("returned", "co_creation"),
    ("validated", "implementing"),
    ("implementing", "closed"),
    ("closed", "evaluated"),
)

ACTIONS = f"""
CREATE TABLE data.action ({AGENCY_COLUMNS},
    title text NOT NULL,
    perspective text NOT NULL,
    needs uuid[] NOT NULL,
    cost_minor bigint CONSTRAINT action_cost_positive CHECK (cost_minor > 0),
    costs_published boolean NOT NULL DEFAULT false,
    state text NOT NULL,
    reason text,
    derived_from uuid,
    proposed_by uuid,
    CONSTRAINT action_reason_required CHECK (state <> 'not_feasible' OR reason <> ''),
    CONSTRAINT action_plan_line_once UNIQUE (root, derived_from)
);
CREATE INDEX action_by_plan ON data.action (root);
CREATE TRIGGER action_transition BEFORE INSERT OR UPDATE OF state ON data.action FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('action');

-- A published cost changes only after the government returned the plan, when costs are open again.
CREATE FUNCTION data.action_published_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.costs_published AND NEW.costs_published AND NEW.cost_minor IS DISTINCT FROM OLD.cost_minor THEN
        RAISE EXCEPTION 'the cost of an action changes after it was published' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'action_published_cost';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER action_published_cost BEFORE UPDATE ON data.action FOR EACH ROW
    EXECUTE FUNCTION data.action_published_cost();
"""

ACTION_TRANSITIONS = (
    (None, "proposed"),
    (None, "not_feasible"),
    ("proposed", "feasible"),
    ("proposed", "not_feasible"),
    ("feasible", "not_feasible"),
    ("not_feasible", "feasible"),
    ("feasible", "accepted"),
    ("feasible", "not_funded"),
    ("feasible", "proposed"),
    ("not_feasible", "proposed"),
)

BALLOTS = f"""
-- Nothing links a card to a ballot.
CREATE TABLE data.used_ballot_card ({AGENCY_COLUMNS},
    round integer NOT NULL,
    number integer NOT NULL,
    CONSTRAINT used_ballot_card_once UNIQUE (root, round, number)
);
CREATE TABLE data.ballot ({AGENCY_COLUMNS},
    round integer NOT NULL,
    community text NOT NULL,
    channel text NOT NULL,
    approvals uuid[] NOT NULL
);
CREATE INDEX ballot_by_round ON data.ballot (root, round);
"""

BUDGET = f"""
CREATE TABLE data.allocation ({AGENCY_COLUMNS},
    round integer NOT NULL,
    rule text NOT NULL,
    selected uuid[] NOT NULL,
    cost_minor bigint NOT NULL,
    budget_minor bigint NOT NULL,
    account jsonb,
    reason text,
    signer uuid,
    CONSTRAINT allocation_within_budget CHECK (cost_minor <= budget_minor),
    CONSTRAINT allocation_override_signed CHECK (
        rule <> 'greedy-custom' OR (reason <> '' AND signer IS NOT NULL))
);
CREATE INDEX allocation_by_plan ON data.allocation (root, created);
CREATE TABLE data.budget_line ({AGENCY_COLUMNS},
    action_id uuid NOT NULL REFERENCES data.action,
    perspective text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT budget_line_amount_positive CHECK (amount_minor > 0),
    may_draw uuid[] NOT NULL,
    CONSTRAINT budget_line_once_per_action UNIQUE (action_id)
);
CREATE INDEX budget_line_by_plan ON data.budget_line (root);
"""


def upgrade() -> None:
    for section in (CITIES, TIUS_AND_DEMAND, PLANS, ACTIONS, BALLOTS, BUDGET):
        op.execute(section)
    record_transitions("plan", PLAN_TRANSITIONS)
    record_transitions("action", ACTION_TRANSITIONS)
    for table in ("city", "dataset", "area", "cell", "plan", "demand"):
        open_to_service(f"published.{table}")
    guard("city_upload", write=())
    for table in ("tiu", "plan"):
        guard(table, root=True)
    for table in ("need", "action", "budget_line"):
        guard(table)
    for table in ("used_ballot_card", "ballot", "allocation"):
        guard(table, append_only=True)
