-- Budget lines and the ledger.

CREATE TABLE data.budget_line (@owned@,
    plan_id uuid NOT NULL,
    action_id uuid NOT NULL,
    act_number text NOT NULL,
    perspective text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    ceiling bigint NOT NULL CHECK (ceiling > 0),
    UNIQUE (id, agency)
);
CREATE INDEX ON data.budget_line (agency, created, id);

-- Four sums per account, which only transfers change. A reservation counts as spent: `account_not_overdrawn` is the
-- budget.
CREATE TABLE data.account (@owned@,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    name text NOT NULL CHECK (name IN ('fund:granted', 'fund:available', 'beneficiary:payable', 'delivered', 'fees')
        OR name ~ '^fsp:clearing:.'),
    role text NOT NULL GENERATED ALWAYS AS
        (CASE WHEN name ~ '^fsp:clearing:' THEN 'fsp:clearing:*' ELSE name END) STORED,
    debits_pending bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    debits_posted bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    credits_posted bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    CONSTRAINT account_not_overdrawn CHECK
        (name = 'fund:granted' OR debits_pending + debits_posted <= credits_posted),
    CONSTRAINT account_name UNIQUE (root, currency, name),
    CONSTRAINT account_of_budget_line FOREIGN KEY (root, agency) REFERENCES data.budget_line (id, agency)
);

-- The chart of movements (`cash.accounting.ledger.rules.MOVEMENTS`): the reason and the kind of a transfer, the account
-- that is debited and the one that is credited.
CREATE TABLE published.movement (
    code text, kind text, debit text, credit text, PRIMARY KEY (code, kind, debit, credit)
);

-- Both accounts belong to one budget line and currency, so every transfer balances. `apply_transfers` compares that, and
-- the movement, for all transfers of a statement at once: foreign keys would look up three rows for each payment.
CREATE TABLE data.transfer (@owned@,
    kind text NOT NULL,
    code text NOT NULL,
    debit_account uuid NOT NULL,
    debit_role text NOT NULL,
    credit_account uuid NOT NULL,
    credit_role text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT transfer_amount_positive CHECK (amount > 0),
    reservation_id uuid,
    payment_id uuid,
    drawn_by uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    entered_by uuid NOT NULL DEFAULT current_setting('app.subject')::uuid,
    CONSTRAINT transfer_reservation_required CHECK ((kind IN ('post', 'void')) = (reservation_id IS NOT NULL)),
    CONSTRAINT transfer_resolved_once UNIQUE (reservation_id)
);
CREATE INDEX ON data.transfer (root, created, id);
CREATE INDEX ON data.transfer (payment_id);
CREATE UNIQUE INDEX transfer_reserved_once ON data.transfer (payment_id) WHERE kind = 'pending';
CREATE UNIQUE INDEX transfer_settled_once ON data.transfer (payment_id) WHERE code = 'settlement';
CREATE UNIQUE INDEX transfer_returned_once ON data.transfer (payment_id) WHERE code = 'late_return';
