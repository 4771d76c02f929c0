-- Payment plans, payments, orders and reports of providers.

CREATE TABLE data.payment_plan (@owned@,
    programme_id uuid NOT NULL REFERENCES data.programme,
    budget_line_id uuid NOT NULL REFERENCES data.budget_line,
    cycle text NOT NULL CHECK (cycle ~ '^20\d{2}-(0[1-9]|1[0-2])$'),
    purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_-]{0,39}$'),
    fsp text NOT NULL CHECK (fsp ~ '^[a-z][a-z0-9_-]{0,39}$'),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL DEFAULT 'draft',
    round int NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0 CHECK (total >= 0),
    payment_count int NOT NULL DEFAULT 0,
    excluded_count int NOT NULL DEFAULT 0,
    content_hash text,
    created_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    rule_author uuid,
    debtor_id uuid REFERENCES data.programme_debtor,
    submitted_by uuid,
    makers uuid[] NOT NULL DEFAULT ARRAY[current_setting('app.subject')::uuid],
    last_changed timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON data.payment_plan (agency, created, id);

-- The people who prepared a plan, and those who approved it, in each round. A person has at most one part in a round.
CREATE TABLE data.sign_off (@owned@,
    round int NOT NULL,
    subject uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    stage text NOT NULL CHECK (stage IN ('prepare', 'approve', 'authorise', 'release')),
    content_hash text NOT NULL,
    CONSTRAINT sign_off_once_per_round UNIQUE (root, round, subject),
    FOREIGN KEY (root) REFERENCES data.payment_plan
);

-- A report of a payment provider; `recorded_by` brought it. `order_message` is the order that it names.
CREATE TABLE data.status_report (@owned@,
    sha256 text NOT NULL,
    message text NOT NULL,
    version text NOT NULL,
    order_message text,
    matched int NOT NULL,
    unmatched int NOT NULL,
    contradictions int NOT NULL,
    CONSTRAINT status_report_once UNIQUE (agency, sha256)
);
CREATE INDEX ON data.status_report (agency, created, id);

-- An uploaded report until it is imported: codes, amounts and ids of payments, but no name and no account.
CREATE TABLE data.status_report_upload (@owned@,
    work_id uuid NOT NULL,
    sha256 text NOT NULL,
    content jsonb NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT status_report_upload_once UNIQUE (agency, sha256)
);

-- The consent of a second person that rejected payments of a plan have failed.
CREATE TABLE data.confirmed_rejection (@owned@,
    confirmed_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    payment_count int NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    FOREIGN KEY (root) REFERENCES data.payment_plan
);
CREATE INDEX ON data.confirmed_rejection (root);

-- The calculations of a plan's amounts, each once for all equal households. They are only ever added, so that a payment
-- needs no foreign key, which would look each one up.
CREATE TABLE data.calculation (@owned@,
    content jsonb NOT NULL,
    FOREIGN KEY (root) REFERENCES data.payment_plan
);
CREATE INDEX ON data.calculation (root);

-- `report_id` is the latest report that changed the payment, `confirmation_id` the consent that it has failed. An update
-- of the state changes no index while a payment is live, so half of each page is left for the rows' next versions.
CREATE TABLE data.payment (@owned@,
    programme_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    household_id uuid NOT NULL,
    collector uuid NOT NULL,
    registered_by uuid NOT NULL,
    cycle text NOT NULL CHECK (cycle ~ '^20\d{2}-(0[1-9]|1[0-2])$'),
    purpose text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_-]{0,39}$'),
    fsp text NOT NULL CHECK (fsp ~ '^[a-z][a-z0-9_-]{0,39}$'),
    account_reference uuid NOT NULL,
    account_version int NOT NULL,
    account_fingerprint text,
    amount bigint NOT NULL DEFAULT 0 CHECK (amount >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL DEFAULT 'planned',
    is_live boolean NOT NULL GENERATED ALWAYS AS (state NOT IN ('returned', 'failed', 'cancelled')) STORED,
    delivered_amount bigint NOT NULL DEFAULT 0,
    reason text,
    calculation_id uuid,
    report_id uuid,
    confirmation_id uuid,
    CONSTRAINT payment_delivered_amount CHECK (delivered_amount BETWEEN 0 AND amount)
) WITH (fillfactor = 45);
-- A household has one live payment in a cycle for a purpose, whichever agency pays it.
CREATE UNIQUE INDEX payment_once_per_cycle ON data.payment (household_id, cycle, purpose) WHERE is_live;
CREATE INDEX ON data.payment (root, id);
CREATE INDEX ON data.payment (enrolment_id);
CREATE INDEX ON data.payment (household_id);
CREATE INDEX ON data.payment (agency, created, id);

-- A payment order, with the one who took it. The content of its file is not kept, only its SHA-256.
CREATE TABLE data.instruction (@owned@,
    message_id text NOT NULL,
    ordered_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    payment_count int NOT NULL,
    total bigint NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    execution_date date NOT NULL,
    sha256 text,
    not_sent uuid[] NOT NULL DEFAULT '{}',
    CONSTRAINT instruction_execution_date CHECK (execution_date >= (created AT TIME ZONE 'UTC')::date - 1),
    CONSTRAINT instruction_message UNIQUE (agency, message_id),
    CONSTRAINT instruction_once_per_plan UNIQUE (root),
    FOREIGN KEY (root) REFERENCES data.payment_plan
);

-- The file of an order for some hours, compressed and encrypted, for the person who had it written (`recorded_by`).
CREATE TABLE data.order_file (@owned@,
    content bytea STORAGE EXTERNAL NOT NULL,
    FOREIGN KEY (root) REFERENCES data.payment_plan
);
CREATE INDEX ON data.order_file (root, created);
CREATE INDEX ON data.order_file (created);

-- The entries of a provider's statements and notices that were applied to a payment: a second one is found by them.
CREATE TABLE data.booked_entry (@owned@,
    payment_id uuid NOT NULL,
    message text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('debit', 'return')),
    booking text,
    FOREIGN KEY (root) REFERENCES data.status_report
);
CREATE INDEX ON data.booked_entry (payment_id);

-- `occurrences` counts the equal reports of one file.
CREATE TABLE data.contradiction (@owned@,
    payment_id uuid NOT NULL REFERENCES data.payment,
    state text NOT NULL,
    status text,
    reason text,
    explanation text NOT NULL,
    occurrences int NOT NULL CHECK (occurrences > 0),
    FOREIGN KEY (root) REFERENCES data.status_report
);
CREATE INDEX ON data.contradiction (agency, created, id);
CREATE INDEX ON data.contradiction (root);

-- The decisions on payments that a check flags: paid to somebody else's household, or into a shared account. The newest
-- one counts.
CREATE TABLE data.flag_decision (@owned@,
    payment_id uuid NOT NULL,
    flag text NOT NULL CHECK (flag IN ('paid_elsewhere', 'shared_account')),
    decision text NOT NULL CHECK (decision IN ('pay', 'leave_out')),
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    decided_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    FOREIGN KEY (root) REFERENCES data.payment_plan
);
CREATE INDEX ON data.flag_decision (root, payment_id, flag, created);
