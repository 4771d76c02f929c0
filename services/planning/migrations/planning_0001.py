"""Cities and their cells, Territorial Intervention Units, plans with their actions, ballots and budget, and demand."""

from alembic import op
from solidary.platform.database.migrations import guard, open_to_service, record_transitions, service

revision = "planning_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

AGENCY_COLUMNS = """
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""

AGENCY = "current_setting('app.agency')::uuid"
SUBJECT = "current_setting('app.subject')::uuid"

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
CREATE INDEX cell_by_area ON published.cell (city, area, id);

-- The cells of an area as GeoJSON, packed by gzip when the city is imported.
CREATE TABLE published.cell_map (
    city text NOT NULL,
    area text NOT NULL,
    etag text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (city, area),
    FOREIGN KEY (city, area) REFERENCES published.area
);
ALTER TABLE published.cell_map ALTER COLUMN body SET STORAGE EXTERNAL;

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

POLLING = f"""
-- Partners that may issue cards and cast ballots of a plan, because its owner allowed it.
CREATE TABLE data.polling_agency ({AGENCY_COLUMNS},
    partner uuid NOT NULL,
    allowed_by uuid NOT NULL DEFAULT {SUBJECT},
    CONSTRAINT polling_agency_once UNIQUE (root, partner)
);

CREATE TABLE data.station ({AGENCY_COLUMNS},
    round integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    counted_spoiled integer,
    counted_cast integer,
    counted_unused integer,
    explanation text,
    reconciled_by uuid,
    reconciled timestamptz,
    CONSTRAINT station_once UNIQUE (root, round, name),
    CONSTRAINT station_counted_by_hand CHECK (state <> 'reconciled' OR (counted_spoiled >= 0 AND counted_cast >= 0
        AND counted_unused >= 0 AND reconciled_by IS NOT NULL AND reconciled IS NOT NULL))
);
CREATE TRIGGER station_transition BEFORE INSERT OR UPDATE OF state ON data.station FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('station');

-- The log of a round: who issued, spoiled or used which cards, where and when. It has nothing of how anybody voted.
CREATE TABLE data.ballot_entry ({AGENCY_COLUMNS},
    round integer NOT NULL,
    station_id uuid NOT NULL REFERENCES data.station,
    act text NOT NULL CONSTRAINT ballot_entry_act CHECK (act IN ('issued', 'spoiled', 'cast')),
    cards integer NOT NULL CONSTRAINT ballot_entry_cards_positive CHECK (cards > 0),
    first integer,
    numbers integer[],
    reason text,
    actor uuid NOT NULL DEFAULT {SUBJECT},
    acting_agency uuid NOT NULL DEFAULT {AGENCY},
    CONSTRAINT ballot_entry_numbers CHECK (CASE act WHEN 'issued' THEN first > 0 AND numbers IS NULL
        ELSE first IS NULL AND cardinality(numbers) = cards END),
    CONSTRAINT ballot_entry_spoiled_reason CHECK (act <> 'spoiled' OR reason <> '')
);
CREATE INDEX ballot_entry_by_round ON data.ballot_entry (root, round);
CREATE INDEX ballot_entry_by_station ON data.ballot_entry (station_id);

-- Written from the log alone. Nothing links a card to a ballot: neither has a time, and no ballot is a row of its own.
CREATE TABLE data.used_ballot_card (
    agency uuid NOT NULL,
    root uuid NOT NULL,
    round integer NOT NULL,
    number integer NOT NULL,
    spoiled boolean NOT NULL,
    CONSTRAINT used_ballot_card_once PRIMARY KEY (root, round, number)
);

CREATE FUNCTION data.raise_violation(name text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', message USING ERRCODE = 'check_violation', CONSTRAINT = name;
END $$;

-- Issuing (with spoiling) and casting belong to different people in a round. A card belongs to its station and is used
-- once.
CREATE FUNCTION data.check_ballot_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    PERFORM FROM plan WHERE id = NEW.root AND round = NEW.round AND state = 'balloting' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_violation('station_closed', 'the plan is in another round or state');
    END IF;
    PERFORM FROM station WHERE id = NEW.station_id AND root = NEW.root AND round = NEW.round AND state = 'open'
        FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_violation('station_closed', 'the station is not open in this round');
    END IF;
    IF EXISTS (SELECT FROM ballot_entry e WHERE e.root = NEW.root AND e.round = NEW.round AND e.actor = NEW.actor
        AND (e.act = 'cast') <> (NEW.act = 'cast')) THEN
        PERFORM raise_violation('ballot_duties_separate', 'who issues cards casts no ballots');
    END IF;
    IF NEW.act = 'issued' THEN
        IF NEW.first <> (SELECT coalesce(max(e.first + e.cards), 1) FROM ballot_entry e
            WHERE e.root = NEW.root AND e.round = NEW.round AND e.act = 'issued' AND e.id <> NEW.id) THEN
            PERFORM raise_violation('card_numbers_consecutive', 'the numbers of cards follow one another');
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM unnest(NEW.numbers) AS number WHERE NOT EXISTS (SELECT FROM ballot_entry e
        WHERE e.station_id = NEW.station_id AND e.act = 'issued' AND number >= e.first
        AND number < e.first + e.cards)) THEN
        PERFORM raise_violation('card_of_station', 'the station did not issue this card');
    END IF;
    INSERT INTO used_ballot_card SELECT NEW.agency, NEW.root, NEW.round, number, NEW.act = 'spoiled'
        FROM unnest(NEW.numbers) AS number;
    RETURN NULL;
END $$;
CREATE TRIGGER check_ballot_entry AFTER INSERT ON data.ballot_entry FOR EACH ROW
    EXECUTE FUNCTION data.check_ballot_entry();

-- A station is closed by somebody who neither issued nor cast, with numbers that agree or are explained.
CREATE FUNCTION data.check_reconciliation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
DECLARE
    issued bigint; spoiled bigint; used bigint;
BEGIN
    IF OLD.state = 'reconciled' THEN
        PERFORM raise_violation('station_closed', 'a reconciled station does not change');
    END IF;
    IF NEW.state = 'reconciled' THEN
        NEW.reconciled_by := {SUBJECT};
        NEW.reconciled := clock_timestamp();
        SELECT coalesce(sum(cards) FILTER (WHERE act = 'issued'), 0),
            coalesce(sum(cards) FILTER (WHERE act = 'spoiled'), 0),
            coalesce(sum(cards) FILTER (WHERE act = 'cast'), 0) INTO issued, spoiled, used
            FROM ballot_entry WHERE station_id = NEW.id;
        IF EXISTS (SELECT FROM ballot_entry WHERE root = NEW.root AND round = NEW.round
            AND actor = NEW.reconciled_by) THEN
            PERFORM raise_violation('ballot_duties_separate', 'who issues cards or casts ballots reconciles nothing');
        END IF;
        IF (NEW.counted_spoiled, NEW.counted_cast, NEW.counted_unused)
            IS DISTINCT FROM (spoiled, used, issued - spoiled - used) AND coalesce(NEW.explanation, '') = '' THEN
            PERFORM raise_violation('station_numbers', 'the numbers counted by hand differ without an explanation');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_reconciliation BEFORE UPDATE ON data.station FOR EACH ROW
    EXECUTE FUNCTION data.check_reconciliation();
"""

BALLOTS = f"""
-- The ballots of a round until it is counted, encrypted. Each vote writes the whole row anew, and its length depends on
-- the number of ballots alone: a card shares its transaction with all ballots of the box.
CREATE TABLE data.ballot_box (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT {AGENCY},
    root uuid NOT NULL,
    round integer NOT NULL,
    part integer NOT NULL,
    actions uuid[] NOT NULL,
    ballots integer NOT NULL,
    content bytea,
    CONSTRAINT ballot_box_once UNIQUE (root, round, part),
    CONSTRAINT ballot_box_length CHECK (octet_length(content) = 29 + ballots * (2 + (cardinality(actions) + 7) / 8))
);
-- Equal ballots of a counted round, all written in one transaction.
CREATE TABLE data.ballot (
    id uuid PRIMARY KEY,
    agency uuid NOT NULL DEFAULT {AGENCY},
    root uuid NOT NULL,
    round integer NOT NULL,
    community text NOT NULL,
    channel text NOT NULL,
    approvals uuid[] NOT NULL,
    ballots integer NOT NULL CONSTRAINT ballot_counted CHECK (ballots > 0)
);
CREATE INDEX ballot_by_round ON data.ballot (root, round);

-- At the commit of each vote: the boxes hold as many ballots as cards were used, so none is lost and none is doubled.
CREATE FUNCTION data.check_box_numbers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF (SELECT coalesce(sum(ballots), 0) FROM ballot_box WHERE root = NEW.root AND round = NEW.round) <>
        (SELECT coalesce(sum(cards), 0) FROM ballot_entry
            WHERE root = NEW.root AND round = NEW.round AND act = 'cast') THEN
        PERFORM raise_violation('ballots_match_cards', 'the boxes hold another number of ballots than cards were used');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_box_numbers AFTER INSERT OR UPDATE ON data.ballot_box
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION data.check_box_numbers();
CREATE CONSTRAINT TRIGGER check_box_numbers AFTER INSERT ON data.ballot_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION data.check_box_numbers();

-- Boxes are opened when all stations are reconciled, and an opened box stays open.
CREATE FUNCTION data.check_box_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF OLD.content IS NULL OR (NEW.round, NEW.part, NEW.actions) <> (OLD.round, OLD.part, OLD.actions) THEN
        PERFORM raise_violation('ballot_box_opened', 'an opened box does not change');
    END IF;
    IF NEW.content IS NULL AND (NEW.ballots <> OLD.ballots OR EXISTS (SELECT FROM station
        WHERE root = NEW.root AND round = NEW.round AND state <> 'reconciled')) THEN
        PERFORM raise_violation('stations_reconciled', 'a station is not reconciled');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_box_change BEFORE UPDATE ON data.ballot_box FOR EACH ROW
    EXECUTE FUNCTION data.check_box_change();

-- Ballots are counted from boxes, so none is added once these are open.
CREATE FUNCTION data.check_ballot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ballot_box WHERE root = NEW.root AND round = NEW.round AND content IS NOT NULL) THEN
        PERFORM raise_violation('ballot_box_opened', 'the boxes of this round are open');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_ballot AFTER INSERT ON data.ballot FOR EACH ROW EXECUTE FUNCTION data.check_ballot();

CREATE FUNCTION data.check_ballots_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM station WHERE root = NEW.id AND round = NEW.round AND state <> 'reconciled') THEN
        PERFORM raise_violation('stations_reconciled', 'a station is not reconciled');
    END IF;
    IF EXISTS (SELECT FROM ballot_box WHERE root = NEW.id AND round = NEW.round AND content IS NOT NULL)
        OR (SELECT coalesce(sum(ballots), 0) FROM ballot WHERE root = NEW.id AND round = NEW.round) <>
        (SELECT coalesce(sum(cards), 0) FROM ballot_entry
            WHERE root = NEW.id AND round = NEW.round AND act = 'cast') THEN
        PERFORM raise_violation('ballots_match_cards', 'not all ballots that were cast are counted');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_ballots_counted AFTER UPDATE ON data.plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'ballots_reviewed' AND OLD.state <> 'ballots_reviewed')
    EXECUTE FUNCTION data.check_ballots_counted();
"""

MAY_POLL = """({table}.agency = (SELECT current_setting('app.agency'))::uuid OR EXISTS (
    SELECT FROM data.polling_agency p
    WHERE p.root = {table}.root AND p.partner = (SELECT current_setting('app.agency'))::uuid))"""

POLLING_POLICIES = (
    *(
        f"CREATE POLICY polling_insert ON data.{table} AS RESTRICTIVE FOR INSERT "
        f"WITH CHECK ({MAY_POLL.format(table=table)})"
        for table in ("station", "ballot_entry", "ballot_box", "ballot")
    ),
    f"CREATE POLICY polling_update ON data.ballot_box AS RESTRICTIVE FOR UPDATE "
    f"USING ({MAY_POLL.format(table='ballot_box')})",
    f"CREATE POLICY polling_update ON data.station AS RESTRICTIVE FOR UPDATE "
    f"USING ({MAY_POLL.format(table='station')})",
    # Nobody writes under another hand, nor into the cards but through the log.
    f"CREATE POLICY own_subject ON data.polling_agency AS RESTRICTIVE FOR INSERT WITH CHECK (allowed_by = {SUBJECT})",
    f"CREATE POLICY own_subject ON data.ballot_entry AS RESTRICTIVE FOR INSERT "
    f"WITH CHECK (actor = {SUBJECT} AND acting_agency = {AGENCY})",
    "REVOKE INSERT ON data.used_ballot_card FROM {s}_app",
    "REVOKE UPDATE ON data.polling_agency FROM {s}_app",
    "REVOKE DELETE ON data.station, data.ballot_box FROM {s}_app",
)

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
    for section in (CITIES, TIUS_AND_DEMAND, PLANS, ACTIONS, POLLING, BALLOTS, BUDGET):
        op.execute(section)
    record_transitions("plan", PLAN_TRANSITIONS)
    record_transitions("action", ACTION_TRANSITIONS)
    for table in ("city", "dataset", "area", "cell", "cell_map", "plan", "demand"):
        open_to_service(f"published.{table}")
    guard("city_upload", write=())
    for table in ("tiu", "plan"):
        guard(table, root=True)
    for table in ("need", "action", "budget_line"):
        guard(table)
    record_transitions("station", ((None, "open"), ("open", "reconciled")))
    for table in ("ballot_entry", "allocation"):
        guard(table, append_only=True)
    guard("polling_agency", write=())
    guard("station")
    # Of a secret ballot nothing may disclose whose it is. The act of casting names its actor in ballot_entry.
    for table in ("ballot", "used_ballot_card"):
        guard(table, append_only=True, writer=False)
    guard("ballot_box", writer=False)
    for statement in POLLING_POLICIES:
        op.execute(statement.format(s=service()))
