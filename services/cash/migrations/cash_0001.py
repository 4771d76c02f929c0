"""The tables of cash, and the rules on money that the database itself enforces.

Whatever must never happen with money is refused here, by constraints, privileges, policies and triggers, regardless of
the code above. Functions that read rows of other agencies, or write columns that nobody may write by hand (balances,
makers, rounds), run as the role that migrates (SECURITY DEFINER).

`services/cash/tests/invariants` tries each rule with plain SQL; docs/using/cash.md lists them.
"""

from alembic import op
from solidary.platform.database import ShareLevel
from solidary.platform.database.migrations import guard, record_transitions, service
from solidary.platform.database.scope import CURRENT_AGENCY

revision = "cash_0001"
down_revision = None
branch_labels = ("service",)
depends_on = "machinery_0001"

OWNED = """
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    root uuid NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()"""
SUBJECT = "current_setting('app.subject')::uuid"
CURRENCY = "text NOT NULL CHECK (currency ~ '^[A-Z]{3}$')"
CYCLE = r"text NOT NULL CHECK (cycle ~ '^\d{4}-(0[1-9]|1[0-2])$')"
CODE = "text NOT NULL CHECK (%s ~ '^[a-z][a-z0-9_-]{0,39}$')"

# --- Budget lines and the ledger ------------------------------------------------------------------------------------

ACCOUNTING_TABLES = f"""
CREATE TABLE data.budget_line ({OWNED},
    plan_id uuid NOT NULL,
    action_id uuid NOT NULL,
    act_number text NOT NULL,
    perspective text NOT NULL,
    currency {CURRENCY},
    ceiling bigint NOT NULL CHECK (ceiling > 0),
    UNIQUE (id, agency)
);
CREATE INDEX ON data.budget_line (agency, created, id);

-- Four sums per account, which only transfers change. A reservation counts as spent: `account_not_overdrawn` is the
-- budget.
CREATE TABLE data.account ({OWNED},
    currency {CURRENCY},
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
    CONSTRAINT account_in_transfer UNIQUE (id, agency, root, currency, role),
    CONSTRAINT account_of_budget_line FOREIGN KEY (root, agency) REFERENCES data.budget_line (id, agency)
);

-- The chart of movements (`cash.accounting.ledger.rules.MOVEMENTS`): the reason and the kind of a transfer, the account
-- that is debited and the one that is credited.
CREATE TABLE published.movement (
    code text, kind text, debit text, credit text, PRIMARY KEY (code, kind, debit, credit)
);

-- Both accounts belong to one budget line and currency, so every transfer balances.
CREATE TABLE data.transfer ({OWNED},
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
    entered_by uuid NOT NULL DEFAULT {SUBJECT},
    CONSTRAINT transfer_movement FOREIGN KEY (code, kind, debit_role, credit_role) REFERENCES published.movement,
    CONSTRAINT transfer_debit_account FOREIGN KEY (debit_account, agency, root, currency, debit_role)
        REFERENCES data.account (id, agency, root, currency, role),
    CONSTRAINT transfer_credit_account FOREIGN KEY (credit_account, agency, root, currency, credit_role)
        REFERENCES data.account (id, agency, root, currency, role),
    CONSTRAINT transfer_reservation_required CHECK ((kind IN ('post', 'void')) = (reservation_id IS NOT NULL)),
    CONSTRAINT transfer_resolved_once UNIQUE (reservation_id)
);
CREATE INDEX ON data.transfer (root, created, id);
CREATE INDEX ON data.transfer (payment_id);
CREATE UNIQUE INDEX transfer_reserved_once ON data.transfer (payment_id) WHERE kind = 'pending';
CREATE UNIQUE INDEX transfer_settled_once ON data.transfer (payment_id) WHERE code = 'settlement';
CREATE UNIQUE INDEX transfer_returned_once ON data.transfer (payment_id) WHERE code = 'late_return';
"""

SINGLE, RESERVATION = ("single",), ("pending", "post", "void")
AVAILABLE, CLEARING, PAYABLE = "fund:available", "fsp:clearing:*", "beneficiary:payable"
MOVEMENTS = {
    "grant": (SINGLE, [("fund:granted", AVAILABLE)]),
    "payment": (RESERVATION, [(AVAILABLE, CLEARING), (PAYABLE, CLEARING)]),
    "settlement": (SINGLE, [(CLEARING, "delivered")]),
    "late_return": (SINGLE, [(CLEARING, PAYABLE), ("delivered", PAYABLE)]),
    "write_off": (SINGLE, [(PAYABLE, AVAILABLE)]),
    "fee": (SINGLE, [(AVAILABLE, "fees")]),
}

# --- Consents, programmes and enrolments ----------------------------------------------------------------------------

TARGETING_TABLES = f"""
-- Consents for cash, as intake published them; shared with their recipient.
CREATE TABLE data.consent ({OWNED},
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    package_id uuid NOT NULL,
    recipient uuid NOT NULL,
    valid_until timestamptz,
    ended timestamptz
);
CREATE INDEX ON data.consent (agency, household_id);
CREATE INDEX ON data.consent (agency, person_id);

CREATE TABLE data.programme ({OWNED},
    name text NOT NULL,
    purpose {CODE % "purpose"},
    budget_line_id uuid NOT NULL REFERENCES data.budget_line,
    currency {CURRENCY},
    fsp {CODE % "fsp"},
    debtor jsonb NOT NULL,
    rule jsonb NOT NULL,
    rule_author uuid NOT NULL DEFAULT {SUBJECT},
    takes_referrals boolean NOT NULL
);
CREATE INDEX ON data.programme (agency, created, id);

-- The number of people who must approve at each stage, for plans with this total or more.
CREATE TABLE data.approval_tier ({OWNED},
    from_total bigint NOT NULL CHECK (from_total >= 0),
    approvers int NOT NULL CHECK (approvers BETWEEN 1 AND 9),
    authorisers int NOT NULL CHECK (authorisers BETWEEN 1 AND 9),
    releasers int NOT NULL CHECK (releasers BETWEEN 1 AND 9),
    CONSTRAINT approval_tier_once UNIQUE (root, from_total),
    FOREIGN KEY (root) REFERENCES data.programme
);

-- Accepted referrals whose consent has not arrived: they come by two topics, without an order between them.
CREATE TABLE data.pending_referral ({OWNED},
    consent_id uuid NOT NULL
);
CREATE INDEX ON data.pending_referral (agency, consent_id);

CREATE TABLE data.referred_household ({OWNED},
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL
);
CREATE INDEX ON data.referred_household (agency, created, id);

CREATE TABLE data.enrolment ({OWNED},
    programme_id uuid NOT NULL REFERENCES data.programme,
    referral_id uuid NOT NULL REFERENCES data.referred_household,
    household_id uuid NOT NULL,
    collector uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL,
    state text NOT NULL,
    profile jsonb,
    profile_version int,
    payout_version int,
    announced_version int,
    profile_refused boolean NOT NULL DEFAULT false,
    profile_requested timestamptz
);
CREATE UNIQUE INDEX enrolment_once ON data.enrolment (programme_id, household_id) WHERE state = 'enrolled';
CREATE INDEX ON data.enrolment (agency, created, id);
CREATE INDEX ON data.enrolment (household_id);
CREATE INDEX ON data.enrolment (consent_id);
CREATE INDEX ON data.enrolment (collector);
CREATE INDEX enrolment_missing_profile ON data.enrolment (coalesce(profile_requested, created))
    WHERE state = 'enrolled' AND NOT profile_refused
        AND (profile_version IS NULL OR profile_version < announced_version);
"""

ENROLMENT_TRANSITIONS = [(None, "enrolled"), ("enrolled", "consent_ended")]

# --- Payment plans, payments, instructions and status reports -------------------------------------------------------

DELIVERY_TABLES = f"""
CREATE TABLE data.payment_plan ({OWNED},
    programme_id uuid NOT NULL REFERENCES data.programme,
    budget_line_id uuid NOT NULL REFERENCES data.budget_line,
    cycle {CYCLE},
    purpose {CODE % "purpose"},
    fsp {CODE % "fsp"},
    currency {CURRENCY},
    state text NOT NULL DEFAULT 'draft',
    round int NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0 CHECK (total >= 0),
    payment_count int NOT NULL DEFAULT 0,
    excluded_count int NOT NULL DEFAULT 0,
    content_hash text,
    created_by uuid NOT NULL DEFAULT {SUBJECT},
    rule_author uuid,
    submitted_by uuid,
    makers uuid[] NOT NULL DEFAULT ARRAY[{SUBJECT}],
    last_changed timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON data.payment_plan (agency, created, id);

-- The people who prepared a plan, and those who approved it, in each round. A person has at most one part in a round.
CREATE TABLE data.sign_off ({OWNED},
    round int NOT NULL,
    subject uuid NOT NULL DEFAULT {SUBJECT},
    stage text NOT NULL CHECK (stage IN ('prepare', 'approve', 'authorise', 'release')),
    content_hash text NOT NULL,
    CONSTRAINT sign_off_once_per_round UNIQUE (root, round, subject),
    FOREIGN KEY (root) REFERENCES data.payment_plan
);

CREATE TABLE data.payment ({OWNED},
    programme_id uuid NOT NULL,
    enrolment_id uuid NOT NULL REFERENCES data.enrolment,
    household_id uuid NOT NULL,
    collector uuid NOT NULL,
    registered_by uuid NOT NULL,
    cycle {CYCLE},
    purpose {CODE % "purpose"},
    fsp {CODE % "fsp"},
    account_reference uuid NOT NULL,
    account_version int NOT NULL,
    amount bigint NOT NULL DEFAULT 0 CHECK (amount >= 0),
    currency {CURRENCY},
    state text NOT NULL DEFAULT 'planned',
    delivered_amount bigint NOT NULL DEFAULT 0,
    reason text,
    calculation jsonb,
    FOREIGN KEY (root) REFERENCES data.payment_plan,
    CONSTRAINT payment_delivered_amount CHECK (delivered_amount BETWEEN 0 AND amount)
);
-- A household has one live payment in a cycle for a purpose, whichever agency pays it.
CREATE UNIQUE INDEX payment_once_per_cycle ON data.payment (household_id, cycle, purpose)
    WHERE state NOT IN ('returned', 'failed', 'cancelled');
CREATE INDEX ON data.payment (root, id);
CREATE INDEX ON data.payment (agency, created, id);

-- A payment order. The content of its file is not kept, only its SHA-256.
CREATE TABLE data.instruction ({OWNED},
    message_id text NOT NULL,
    payment_count int NOT NULL,
    total bigint NOT NULL,
    currency {CURRENCY},
    execution_date date NOT NULL,
    sha256 text,
    not_sent uuid[] NOT NULL DEFAULT '{{}}',
    CONSTRAINT instruction_message UNIQUE (agency, message_id),
    CONSTRAINT instruction_once_per_plan UNIQUE (root),
    FOREIGN KEY (root) REFERENCES data.payment_plan
);

CREATE TABLE data.status_report ({OWNED},
    sha256 text NOT NULL,
    message text NOT NULL,
    version text NOT NULL,
    matched int NOT NULL,
    unmatched int NOT NULL,
    contradictions int NOT NULL,
    CONSTRAINT status_report_once UNIQUE (agency, sha256)
);
CREATE INDEX ON data.status_report (agency, created, id);

CREATE TABLE data.contradiction ({OWNED},
    payment_id uuid NOT NULL REFERENCES data.payment,
    state text NOT NULL,
    status text,
    reason text,
    explanation text NOT NULL,
    FOREIGN KEY (root) REFERENCES data.status_report
);
CREATE INDEX ON data.contradiction (agency, created, id);
CREATE INDEX ON data.contradiction (root);
"""

PLAN_TRANSITIONS = {
    None: "draft",
    "draft": "populated cancelled",
    "populated": "locked cancelled",
    "locked": "entitled populated cancelled",
    "entitled": "populated submitted cancelled",
    "submitted": "approved entitled cancelled",
    "approved": "authorised entitled cancelled",
    "authorised": "released entitled cancelled",
    "released": "dispatched cancelled",
    "dispatched": "reconciling",
    "reconciling": "reconciled",
}
FINAL_REPORTS = "delivered partial returned failed"
PAYMENT_TRANSITIONS = {
    None: "planned",
    "planned": "reserved cancelled",
    "reserved": "sent failed cancelled",
    "sent": f"accepted_by_fsp unknown {FINAL_REPORTS}",
    "accepted_by_fsp": f"unknown {FINAL_REPORTS}",
    "unknown": f"accepted_by_fsp {FINAL_REPORTS}",
    "delivered": "returned",
    "partial": "delivered returned",
}

# --- Functions and triggers -----------------------------------------------------------------------------------------
# Statement triggers check all rows of a statement at once. A query that joins its transition table is planned for the
# actual number of rows each time (EXECUTE), counts (EXISTS would expect an early end) and finds other rows by their
# index (LATERAL … LIMIT 1), whatever the statistics of a table are that was filled a moment ago. Otherwise a plan of
# 100,000 payments would take hours.

COMMON_FUNCTIONS = """
CREATE FUNCTION machinery.raise_violation(rule text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = message, ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- The SHA-256 of a plan's payments (docs/using/payment-plans.md).
CREATE FUNCTION data.plan_content_hash(plan uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(coalesce(string_agg(convert_to(
        format(E'["%s","%s","%s","%s","%s","%s","%s",%s,%s,"%s"]\\n', id, household_id, collector, cycle,
            purpose, fsp, account_reference, account_version, amount, currency), 'UTF8'), ''::bytea ORDER BY id),
        ''::bytea)), 'hex')
    FROM data.payment WHERE root = plan AND state = 'planned'
$$;
"""

LEDGER_TRIGGERS = """
-- After transfers are added: check them against their reservations and plans, and update the balances.
CREATE FUNCTION machinery.apply_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
BEGIN
    IF EXISTS (SELECT FROM added WHERE code IN ('grant', 'fee', 'write_off')
        AND agency <> current_setting('app.agency')::uuid) THEN
        PERFORM raise_violation('transfer_owner_only', 'an agency that draws may enter payments only');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a
            LEFT JOIN LATERAL (SELECT * FROM transfer t WHERE t.id = a.reservation_id LIMIT 1) r ON true
        WHERE a.reservation_id IS NOT NULL AND NOT coalesce(
            (r.kind, r.debit_account, r.credit_account, r.code)
                = ('pending', a.debit_account, a.credit_account, a.code)
            AND (a.amount = r.amount OR a.kind = 'post' AND a.amount < r.amount), false) $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('transfer_matches_reservation', 'a post or a void must match its reservation');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN LATERAL (
            SELECT p.id FROM payment p JOIN payment_plan o ON o.id = p.root
            WHERE p.id = a.payment_id AND p.state = 'planned' AND (p.amount, p.currency) = (a.amount, a.currency)
                AND o.state = 'released' AND o.budget_line_id = a.root
                AND o.agency = current_setting('app.agency')::uuid LIMIT 1
        ) p ON true WHERE a.code = 'payment' AND a.kind = 'pending' AND p.id IS NULL $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('transfer_plan_released', 'money is reserved for payments of a released plan only');
    END IF;
    PERFORM FROM account WHERE id IN (SELECT debit_account FROM added UNION SELECT credit_account FROM added)
        ORDER BY id FOR NO KEY UPDATE;
    EXECUTE $q$ WITH moved AS (
        SELECT a.debit_account, a.credit_account,
            CASE a.kind WHEN 'single' THEN 0 WHEN 'pending' THEN a.amount ELSE -r.amount END AS pending,
            CASE WHEN a.kind IN ('single', 'post') THEN a.amount ELSE 0 END AS posted
        FROM added a
            LEFT JOIN LATERAL (SELECT amount FROM transfer t WHERE t.id = a.reservation_id LIMIT 1) r ON true
    ), sums AS (
        SELECT id, sum(dp) AS dp, sum(d) AS d, sum(cp) AS cp, sum(c) AS c FROM (
            SELECT debit_account AS id, pending AS dp, posted AS d, 0 AS cp, 0 AS c FROM moved
            UNION ALL SELECT credit_account, 0, 0, pending, posted FROM moved
        ) sides GROUP BY id
    )
    UPDATE account SET debits_pending = debits_pending + dp, debits_posted = debits_posted + d,
        credits_pending = credits_pending + cp, credits_posted = credits_posted + c
    FROM sums WHERE sums.id = account.id $q$;
    RETURN NULL;
END $$;
CREATE TRIGGER apply_transfers AFTER INSERT ON data.transfer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.apply_transfers();

-- After transfers are added: each resolves a reservation, or moves a payment, of the agency that drew the money. This
-- runs with the rights of the service, so that it sees the acting agency's transfers only.
CREATE FUNCTION machinery.check_drawer() RETURNS trigger LANGUAGE plpgsql
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM added a
            LEFT JOIN LATERAL (SELECT * FROM transfer t WHERE t.id = a.reservation_id LIMIT 1) r ON true
        WHERE a.reservation_id IS NOT NULL
            AND (r.drawn_by, r.payment_id) IS DISTINCT FROM (a.drawn_by, a.payment_id) $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('transfer_same_drawer', 'a reservation is resolved by its drawer, for its payment');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN LATERAL
            (SELECT * FROM transfer t WHERE t.payment_id = a.payment_id AND t.kind = 'post' LIMIT 1) p ON true
        WHERE a.code IN ('settlement', 'late_return')
            AND (p.drawn_by, p.root, p.amount) IS DISTINCT FROM (a.drawn_by, a.root, a.amount) $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('transfer_of_delivered_payment',
            'a settlement or a late return is of a payment that its drawer delivered');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_drawer AFTER INSERT ON data.transfer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.check_drawer();
"""

APPROVAL_TRIGGERS = """
CREATE FUNCTION machinery.approvals_needed(programme uuid, stage text, total bigint) RETURNS int
LANGUAGE sql STABLE SET search_path = data AS $$
    SELECT coalesce((SELECT CASE stage WHEN 'approve' THEN approvers WHEN 'authorise' THEN authorisers
        ELSE releasers END FROM approval_tier WHERE root = programme AND from_total <= total
        ORDER BY from_total DESC LIMIT 1), 1)
$$;

CREATE FUNCTION machinery.check_approval_tier() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payment_plan WHERE programme_id = NEW.root) THEN
        PERFORM raise_violation('approval_tiers_fixed', 'the programme already has a payment plan');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_approval_tier BEFORE INSERT ON data.approval_tier FOR EACH ROW
    EXECUTE FUNCTION machinery.check_approval_tier();

-- A new plan has its creator as its only maker, whatever the statement contains.
CREATE FUNCTION machinery.set_plan_creator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.round := 0; NEW.total := 0; NEW.content_hash := NULL; NEW.rule_author := NULL; NEW.submitted_by := NULL;
    NEW.last_changed := clock_timestamp();
    NEW.created_by := current_setting('app.subject')::uuid;
    NEW.makers := ARRAY[NEW.created_by];
    RETURN NEW;
END $$;
CREATE TRIGGER set_plan_creator BEFORE INSERT ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.set_plan_creator();

-- Before a plan changes: keep its content fixed under review, count rounds, record makers, and require the approvals.
CREATE FUNCTION machinery.check_plan_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    me uuid := current_setting('app.subject')::uuid;
    passed_stage text := CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'authorised' THEN 'authorise'
        WHEN 'released' THEN 'release' END;
BEGIN
    IF OLD.state NOT IN ('draft', 'populated', 'locked', 'entitled')
        AND (NEW.content_hash, NEW.total, NEW.rule_author)
            IS DISTINCT FROM (OLD.content_hash, OLD.total, OLD.rule_author)
    THEN
        PERFORM raise_violation('plan_unchanged_in_review', 'the payments of a plan under review do not change');
    END IF;
    IF NEW.state = 'submitted' AND OLD.state <> 'submitted' THEN
        NEW.round := OLD.round + 1;
        NEW.submitted_by := me;
        IF NEW.content_hash IS DISTINCT FROM plan_content_hash(NEW.id) THEN
            PERFORM raise_violation('plan_content', 'the payments are not those whose amounts were computed');
        END IF;
    ELSE
        NEW.round := OLD.round;
    END IF;
    IF NEW.state = 'entitled' AND OLD.state IN ('locked', 'entitled') THEN
        NEW.rule_author := (SELECT rule_author FROM programme WHERE id = NEW.programme_id);
    END IF;
    IF NEW.state IN ('populated', 'submitted') OR (NEW.content_hash, NEW.total, NEW.rule_author)
        IS DISTINCT FROM (OLD.content_hash, OLD.total, OLD.rule_author) THEN
        NEW.makers := ARRAY(SELECT DISTINCT unnest(array_remove(OLD.makers || me || NEW.rule_author, NULL)));
    END IF;
    IF passed_stage IS NOT NULL AND NEW.state <> OLD.state THEN
        IF (SELECT count(*) FROM sign_off WHERE root = NEW.id AND round = NEW.round AND stage = passed_stage
            AND content_hash = NEW.content_hash) < approvals_needed(NEW.programme_id, passed_stage, NEW.total) THEN
            PERFORM raise_violation('plan_approvals', format('approvals are missing at the stage %s', passed_stage));
        END IF;
        IF passed_stage = 'release' AND (NEW.content_hash <> plan_content_hash(NEW.id) OR NEW.total <>
            (SELECT sum(amount) FROM payment WHERE root = NEW.id AND state = 'planned')) THEN
            PERFORM raise_violation('plan_content', 'the payments are not those that were submitted');
        END IF;
    END IF;
    NEW.last_changed := clock_timestamp();
    RETURN NEW;
END $$;
-- Its name sorts after `payment_plan_transition`, so that a step that does not exist is refused first.
CREATE TRIGGER plan_change BEFORE UPDATE ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.check_plan_change();

-- When a round begins: sign off for the makers, so that none of them can approve.
CREATE FUNCTION machinery.sign_off_makers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    INSERT INTO sign_off (agency, root, round, subject, stage, content_hash)
    SELECT NEW.agency, NEW.id, NEW.round, maker, 'prepare', NEW.content_hash FROM unnest(NEW.makers) AS maker;
    RETURN NULL;
END $$;
CREATE TRIGGER sign_off_makers AFTER UPDATE ON data.payment_plan FOR EACH ROW
    WHEN (NEW.round > OLD.round) EXECUTE FUNCTION machinery.sign_off_makers();

-- Before an approval is added: the plan waits for this stage, in this round, with these payments.
CREATE FUNCTION machinery.check_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    plan payment_plan;
BEGIN
    SELECT * INTO plan FROM payment_plan WHERE id = NEW.root AND agency = NEW.agency FOR NO KEY UPDATE;
    IF NEW.round IS DISTINCT FROM plan.round OR plan.state IS DISTINCT FROM
        (CASE NEW.stage WHEN 'approve' THEN 'submitted' WHEN 'authorise' THEN 'approved' ELSE 'authorised' END)
    THEN
        PERFORM raise_violation('sign_off_in_turn', format('the plan is %s and does not wait for the stage %s',
            plan.state, NEW.stage));
    END IF;
    IF NEW.content_hash IS DISTINCT FROM plan.content_hash THEN
        PERFORM raise_violation('sign_off_content', 'an approval is bound to the payments that were submitted');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_approval BEFORE INSERT ON data.sign_off FOR EACH ROW WHEN (NEW.stage <> 'prepare')
    EXECUTE FUNCTION machinery.check_approval();
"""

PAYMENT_TRIGGERS = """
-- After payments are added: their plan is being populated, and they agree with it.
CREATE FUNCTION machinery.check_added_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN payment_plan o ON o.id = a.root
            AND (o.agency, o.cycle, o.purpose, o.fsp, o.currency)
                = (a.agency, a.cycle, a.purpose, a.fsp, a.currency) AND o.state IN ('draft', 'populated')
        WHERE o.id IS NULL $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('payment_unchanged_in_review', 'payments are added while a plan is populated');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_added_payments AFTER INSERT ON data.payment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.check_added_payments();

-- After payments change: what they pay is fixed under review, and their state agrees with the ledger.
CREATE FUNCTION machinery.check_changed_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM before b JOIN after a USING (id) JOIN payment_plan o ON o.id = b.root
        WHERE (a.amount, a.account_reference, a.account_version)
                <> (b.amount, b.account_reference, b.account_version)
            AND o.state NOT IN ('populated', 'locked', 'entitled') $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('payment_unchanged_in_review', 'the payments of a plan under review do not change');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM before b JOIN after a USING (id)
            LEFT JOIN LATERAL (
                SELECT r.id, d.kind AS resolution, d.amount FROM transfer r LEFT JOIN LATERAL
                    (SELECT kind, amount FROM transfer t WHERE t.reservation_id = r.id LIMIT 1) d ON true
                WHERE r.payment_id = a.id AND r.kind = 'pending' LIMIT 1
            ) r ON true
        WHERE a.state <> b.state AND (b.state <> 'planned' OR a.state = 'reserved') AND CASE
            WHEN a.state IN ('delivered', 'partial')
                THEN r.resolution IS DISTINCT FROM 'post' OR r.amount <> a.delivered_amount
            WHEN a.state IN ('failed', 'cancelled') THEN r.resolution IS DISTINCT FROM 'void'
            WHEN a.state = 'returned' THEN r.resolution IS NULL
            ELSE r.id IS NULL OR r.resolution IS NOT NULL END $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('payment_state_in_ledger', 'the ledger does not have the money of this state');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_changed_payments AFTER UPDATE ON data.payment
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.check_changed_payments();
"""

TRANSITION_TRIGGERS = """
CREATE TRIGGER enrolment_transition BEFORE INSERT OR UPDATE OF state ON data.enrolment FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('enrolment');
CREATE TRIGGER payment_plan_transition BEFORE INSERT OR UPDATE OF state ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('payment_plan');
CREATE TRIGGER payment_transition BEFORE INSERT OR UPDATE OF state ON data.payment FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('payment');
"""

# Timers act for all agencies, so they find their rows by functions that read across agencies.
TIMER_FUNCTIONS = """
CREATE FUNCTION machinery.claim_missing_profiles(max_rows int) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = data AS $$
    UPDATE enrolment e SET profile_requested = now() WHERE e.id IN (
        SELECT m.id FROM enrolment m
        WHERE m.state = 'enrolled' AND NOT m.profile_refused
            AND (m.profile_version IS NULL OR m.profile_version < m.announced_version)
            AND coalesce(m.profile_requested, m.created) < now() - interval '5 minutes'
        ORDER BY coalesce(m.profile_requested, m.created) LIMIT max_rows FOR UPDATE SKIP LOCKED
    ) RETURNING e.id, e.agency
$$;

CREATE FUNCTION machinery.abandoned_plans(before timestamptz) RETURNS TABLE (id uuid, agency uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = data AS $$
    SELECT p.id, p.agency FROM payment_plan p
    WHERE p.state IN ('draft', 'populated', 'locked', 'entitled', 'submitted', 'approved', 'authorised')
        AND p.last_changed < before
        AND NOT EXISTS (SELECT FROM sign_off s WHERE s.root = p.id AND s.created >= before)
$$;

REVOKE ALL ON FUNCTION machinery.claim_missing_profiles, machinery.abandoned_plans FROM PUBLIC;
GRANT EXECUTE ON FUNCTION machinery.claim_missing_profiles, machinery.abandoned_plans TO {app};
"""

# --- Policies and privileges ----------------------------------------------------------------------------------------

POLICIES = f"""
-- Nobody signs off, writes a rule or enters a transfer in another person's name, and nobody signs off as a maker.
CREATE POLICY own_subject ON data.sign_off AS RESTRICTIVE FOR INSERT
    WITH CHECK (subject = (SELECT {SUBJECT}) AND stage <> 'prepare');
CREATE POLICY own_subject ON data.programme AS RESTRICTIVE FOR INSERT
    WITH CHECK (rule_author = (SELECT {SUBJECT}));
CREATE POLICY own_subject ON data.transfer AS RESTRICTIVE FOR INSERT
    WITH CHECK (entered_by = (SELECT {SUBJECT}) AND drawn_by = {CURRENT_AGENCY});
-- Of several agencies that draw on a budget line, each sees its own transfers; the owner sees all.
CREATE POLICY owner_or_drawer ON data.transfer AS RESTRICTIVE FOR SELECT
    USING (agency = {CURRENT_AGENCY} OR drawn_by = {CURRENT_AGENCY});
"""

PRIVILEGES = """
REVOKE INSERT ON data.account FROM {app};
GRANT INSERT (id, agency, root, currency, name) ON data.account TO {app};
REVOKE UPDATE, DELETE ON data.programme, data.payment_plan, data.payment, data.instruction FROM {app};
GRANT UPDATE (takes_referrals) ON data.programme TO {app};
GRANT UPDATE (state, round, total, payment_count, excluded_count, content_hash, rule_author, submitted_by)
    ON data.payment_plan TO {app};
GRANT UPDATE (amount, account_reference, account_version, state, delivered_amount, reason, calculation)
    ON data.payment TO {app};
GRANT UPDATE (sha256) ON data.instruction TO {app};
GRANT USAGE ON SCHEMA published TO {app};
GRANT SELECT ON published.movement TO {app};
"""


def upgrade() -> None:
    app = f"{service()}_app"
    for tables in (ACCOUNTING_TABLES, TARGETING_TABLES, DELIVERY_TABLES):
        op.execute(tables)
    _record_movements()
    record_transitions("enrolment", ENROLMENT_TRANSITIONS)
    record_transitions("payment_plan", _pairs(PLAN_TRANSITIONS))
    record_transitions("payment", _pairs(PAYMENT_TRANSITIONS))
    for functions in (
        COMMON_FUNCTIONS,
        LEDGER_TRIGGERS,
        APPROVAL_TRIGGERS,
        PAYMENT_TRIGGERS,
        TRANSITION_TRIGGERS,
        TIMER_FUNCTIONS.format(app=app),
    ):
        op.execute(functions)
    guard("budget_line", root=True, append_only=True, write=())
    guard("account", append_only=True, write=(ShareLevel.DRAW,))
    guard("transfer", append_only=True, write=(ShareLevel.DRAW,))
    guard("consent", root=True)
    guard("programme", root=True)
    guard("approval_tier", append_only=True)
    guard("pending_referral")
    guard("referred_household", root=True, append_only=True)
    guard("enrolment", root=True)
    guard("payment_plan", root=True)
    guard("sign_off", append_only=True)
    guard("payment")
    guard("instruction")
    guard("status_report", root=True, append_only=True)
    guard("contradiction", append_only=True, write=())
    op.execute(POLICIES)
    op.execute(PRIVILEGES.format(app=app))


def _pairs(transitions: dict[str | None, str]) -> list[tuple[str | None, str]]:
    return [(source, target) for source, targets in transitions.items() for target in targets.split()]


def _record_movements() -> None:
    rows = [
        f"('{code}', '{kind}', '{debit}', '{credit}')"
        for code, (kinds, accounts) in MOVEMENTS.items()
        for kind in kinds
        for debit, credit in accounts
    ]
    op.execute(f"INSERT INTO published.movement VALUES {', '.join(rows)}")
