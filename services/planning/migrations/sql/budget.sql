CREATE TABLE data.allocation (@owned@,
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
CREATE TABLE data.budget_line (@owned@,
    action_id uuid NOT NULL REFERENCES data.action,
    perspective text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT budget_line_amount_positive CHECK (amount_minor > 0),
    may_draw uuid[] NOT NULL,
    CONSTRAINT budget_line_once_per_action UNIQUE (action_id)
);
CREATE INDEX budget_line_by_plan ON data.budget_line (root);
