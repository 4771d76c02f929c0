CREATE TABLE data.plan (@owned@,
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

CREATE TABLE data.need (@owned@,
    perspective text NOT NULL,
    community text NOT NULL,
    statement text NOT NULL,
    severity integer NOT NULL CONSTRAINT need_severity_range CHECK (severity BETWEEN 1 AND 5),
    evidence jsonb NOT NULL
);
CREATE INDEX need_by_plan ON data.need (root);

CREATE TABLE data.action (@owned@,
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
