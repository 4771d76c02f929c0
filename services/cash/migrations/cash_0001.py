"""Budget lines and their ledger; programmes, enrolments, plans, payments, signatures; files out and answers in.

What must never happen with money is refused here, by constraints, privileges and triggers, whatever the code
above does. Functions that look beyond the caller's agency, or write what nobody may write by hand (balances,
makers), run as the role that migrates.
"""

from alembic import op
from solidary.platform.database import ShareLevel
from solidary.platform.database.migrations import guard, service
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

TABLES = f"""
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

-- Four sums per account, moved by transfers only. `budget`: what is reserved counts as gone.
CREATE TABLE data.account ({OWNED},
    currency {CURRENCY},
    name text NOT NULL CHECK (name IN ('fund:granted', 'fund:available', 'beneficiary:payable', 'delivered',
        'fees', 'fx') OR name ~ '^fsp:clearing:.'),
    role text NOT NULL GENERATED ALWAYS AS
        (CASE WHEN name ~ '^fsp:clearing:' THEN 'fsp:clearing:*' ELSE name END) STORED,
    debits_pending bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    debits_posted bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    credits_posted bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    CONSTRAINT budget CHECK
        (name IN ('fund:granted', 'fx') OR debits_pending + debits_posted <= credits_posted),
    CONSTRAINT account_name UNIQUE (root, currency, name),
    CONSTRAINT account_ends UNIQUE (id, agency, root, currency, role),
    CONSTRAINT account_line FOREIGN KEY (root, agency) REFERENCES data.budget_line (id, agency)
);

-- The chart of movements (`cash.accounting.ledger.transfers.MOVEMENTS`): why, how, from, to. An exchange is not
-- among them: it would need its other half and its rate, and `fx` may be overdrawn.
CREATE TABLE published.movement (
    code text, kind text, debit text, credit text, PRIMARY KEY (code, kind, debit, credit)
);

-- Both ends are accounts of one budget line in one currency: so every transfer balances.
CREATE TABLE data.transfer ({OWNED},
    kind text NOT NULL,
    code text NOT NULL,
    debit uuid NOT NULL,
    debit_role text NOT NULL,
    credit uuid NOT NULL,
    credit_role text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT transfer_amount CHECK (amount > 0),
    pending uuid,
    payment uuid,
    drawn_by uuid NOT NULL DEFAULT current_setting('app.agency')::uuid,
    entered_by uuid NOT NULL DEFAULT {SUBJECT},
    CONSTRAINT transfer_movement FOREIGN KEY (code, kind, debit_role, credit_role) REFERENCES published.movement,
    CONSTRAINT transfer_debit FOREIGN KEY (debit, agency, root, currency, debit_role)
        REFERENCES data.account (id, agency, root, currency, role),
    CONSTRAINT transfer_credit FOREIGN KEY (credit, agency, root, currency, credit_role)
        REFERENCES data.account (id, agency, root, currency, role),
    CONSTRAINT transfer_pending CHECK ((kind IN ('post', 'void')) = (pending IS NOT NULL)),
    CONSTRAINT transfer_resolved_once UNIQUE (pending)
);
CREATE INDEX ON data.transfer (root, created, id);
CREATE UNIQUE INDEX transfer_reserved_once ON data.transfer (payment) WHERE kind = 'pending';
CREATE UNIQUE INDEX transfer_settled_once ON data.transfer (payment) WHERE code = 'settlement';
CREATE UNIQUE INDEX transfer_returned_once ON data.transfer (payment) WHERE code = 'late_return';
CREATE INDEX ON data.transfer (payment);

-- Consents for cash, as intake told them; shared with their recipient.
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
    rule_by uuid NOT NULL DEFAULT {SUBJECT},
    takes_referrals boolean NOT NULL
);
CREATE INDEX ON data.programme (agency, created, id);

-- From this total on, so many people must say yes at each stage.
CREATE TABLE data.tier ({OWNED},
    least bigint NOT NULL CHECK (least >= 0),
    approve int NOT NULL CHECK (approve BETWEEN 1 AND 9),
    authorise int NOT NULL CHECK (authorise BETWEEN 1 AND 9),
    release int NOT NULL CHECK (release BETWEEN 1 AND 9),
    CONSTRAINT tier_least UNIQUE (root, least),
    FOREIGN KEY (root) REFERENCES data.programme
);

-- Referrals that came before their consent: two topics, no order between them.
CREATE TABLE data.awaited ({OWNED},
    consent_id uuid NOT NULL
);
CREATE INDEX ON data.awaited (agency, consent_id);

-- Households that were referred for cash.
CREATE TABLE data.referred ({OWNED},
    person_id uuid NOT NULL,
    household_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL
);
CREATE INDEX ON data.referred (agency, created, id);

CREATE TABLE data.enrolment ({OWNED},
    programme_id uuid NOT NULL REFERENCES data.programme,
    referral_id uuid NOT NULL REFERENCES data.referred,
    household_id uuid NOT NULL,
    collector uuid NOT NULL,
    consent_id uuid NOT NULL,
    package_id uuid NOT NULL,
    registered_by uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('enrolled', 'consent_ended')),
    profile jsonb,
    profile_version int
);
CREATE UNIQUE INDEX enrolment_once ON data.enrolment (programme_id, household_id) WHERE state = 'enrolled';
CREATE INDEX ON data.enrolment (agency, created, id);
CREATE INDEX ON data.enrolment (household_id);
CREATE INDEX ON data.enrolment (consent_id);
CREATE INDEX ON data.enrolment (collector);

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
    payments int NOT NULL DEFAULT 0,
    left_out int NOT NULL DEFAULT 0,
    content text,
    created_by uuid NOT NULL DEFAULT {SUBJECT},
    formula_by uuid,
    submitted_by uuid,
    makers uuid[] NOT NULL DEFAULT ARRAY[{SUBJECT}]
);
CREATE INDEX ON data.payment_plan (agency, created, id);

-- Every hand that a plan passes through in a round: who made it, and who said yes. One hand, one time.
CREATE TABLE data.signature ({OWNED},
    round int NOT NULL,
    subject uuid NOT NULL DEFAULT {SUBJECT},
    part text NOT NULL CHECK (part IN ('made', 'approve', 'authorise', 'release')),
    content text NOT NULL,
    CONSTRAINT signature_once UNIQUE (root, round, subject),
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
    account uuid NOT NULL,
    account_version int NOT NULL,
    amount bigint NOT NULL DEFAULT 0 CHECK (amount >= 0),
    currency {CURRENCY},
    state text NOT NULL DEFAULT 'planned',
    delivered bigint NOT NULL DEFAULT 0,
    reason text,
    why jsonb,
    FOREIGN KEY (root) REFERENCES data.payment_plan,
    CONSTRAINT payment_delivered CHECK (delivered BETWEEN 0 AND amount)
);
CREATE UNIQUE INDEX payment_once ON data.payment (household_id, cycle, purpose)
    WHERE state NOT IN ('returned', 'failed', 'expired', 'cancelled');
CREATE INDEX ON data.payment (root, id);
CREATE INDEX ON data.payment (agency, created, id);

-- An order to a provider: what was in the file is not kept, only how to know it again.
CREATE TABLE data.instruction ({OWNED},
    message_id text NOT NULL,
    count int NOT NULL,
    total bigint NOT NULL,
    currency {CURRENCY},
    execution date NOT NULL,
    sha256 text,
    CONSTRAINT instruction_message UNIQUE (agency, message_id),
    CONSTRAINT instruction_once UNIQUE (root),
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

-- Which state may follow which (`cash.delivery.payment_plans.rules`, `cash.delivery.payments.rules`).
CREATE TABLE published.plan_arrow (before text, after text, PRIMARY KEY (before, after));
CREATE TABLE published.payment_arrow (before text, after text, PRIMARY KEY (before, after));
"""

FUNCTIONS = """
CREATE FUNCTION machinery.refuse(rule text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = why, ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION data.plan_content(plan uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(coalesce(string_agg(convert_to(
        format(E'["%s","%s","%s","%s","%s","%s","%s",%s,%s,"%s"]\\n', id, household_id, collector, cycle,
            purpose, fsp, account, account_version, amount, currency), 'UTF8'), ''::bytea ORDER BY id),
        ''::bytea)), 'hex')
    FROM data.payment WHERE root = plan AND state = 'planned'
$$;

-- What joins the rows of a statement is planned for their number each time (EXECUTE), for all of them (count, where
-- EXISTS would hope for an early end), and finds other rows by their index (LATERAL … LIMIT 1), whatever the
-- statistics say of a table that has just been filled: else a plan of 100,000 payments would take hours.
CREATE FUNCTION machinery.transfers_move_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    wrong boolean;
BEGIN
    IF EXISTS (SELECT FROM added WHERE code IN ('grant', 'fee', 'write_off')
        AND agency <> current_setting('app.agency')::uuid) THEN
        PERFORM refuse('transfer_by_owner', 'who may draw on a budget line draws for payments only');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a
            LEFT JOIN LATERAL (SELECT * FROM transfer t WHERE t.id = a.pending LIMIT 1) r ON true
        WHERE a.pending IS NOT NULL AND NOT coalesce(
            (r.kind, r.debit, r.credit, r.code) = ('pending', a.debit, a.credit, a.code)
            AND (a.amount = r.amount OR a.kind = 'post' AND a.amount < r.amount), false) $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('transfer_resolves', 'a post or a void resolves its own reservation, and no more than it');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN LATERAL (
            SELECT p.id FROM payment p JOIN payment_plan o ON o.id = p.root
            WHERE p.id = a.payment AND p.state = 'planned' AND (p.amount, p.currency) = (a.amount, a.currency)
                AND o.state = 'released' AND o.budget_line_id = a.root
                AND o.agency = current_setting('app.agency')::uuid LIMIT 1
        ) p ON true WHERE a.code = 'payment' AND a.kind = 'pending' AND p.id IS NULL $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('transfer_released', 'money is reserved for the payments of a released plan');
    END IF;
    PERFORM FROM account WHERE id IN (SELECT debit FROM added UNION SELECT credit FROM added)
        ORDER BY id FOR NO KEY UPDATE;
    EXECUTE $q$ WITH moved AS (
        SELECT a.debit, a.credit,
            CASE a.kind WHEN 'single' THEN 0 WHEN 'pending' THEN a.amount ELSE -r.amount END AS pending,
            CASE WHEN a.kind IN ('single', 'post') THEN a.amount ELSE 0 END AS posted
        FROM added a
            LEFT JOIN LATERAL (SELECT amount FROM transfer t WHERE t.id = a.pending LIMIT 1) r ON true
    ), sums AS (
        SELECT id, sum(dp) AS dp, sum(d) AS d, sum(cp) AS cp, sum(c) AS c FROM (
            SELECT debit AS id, pending AS dp, posted AS d, 0 AS cp, 0 AS c FROM moved
            UNION ALL SELECT credit, 0, 0, pending, posted FROM moved
        ) ends GROUP BY id
    )
    UPDATE account SET debits_pending = debits_pending + dp, debits_posted = debits_posted + d,
        credits_pending = credits_pending + cp, credits_posted = credits_posted + c
    FROM sums WHERE sums.id = account.id $q$;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_balances AFTER INSERT ON data.transfer REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.transfers_move_balances();

CREATE FUNCTION machinery.people_needed(programme uuid, stage text, total bigint) RETURNS int
LANGUAGE sql STABLE SET search_path = data AS $$
    SELECT coalesce((SELECT CASE stage WHEN 'approve' THEN approve WHEN 'authorise' THEN authorise
        ELSE release END FROM tier WHERE root = programme AND least <= total ORDER BY least DESC LIMIT 1), 1)
$$;

CREATE FUNCTION machinery.tiers_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM payment_plan WHERE programme_id = NEW.root) THEN
        PERFORM refuse('tier_fixed', 'how many must say yes is fixed before the first plan');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stay BEFORE INSERT ON data.tier FOR EACH ROW EXECUTE FUNCTION machinery.tiers_stay();

CREATE FUNCTION machinery.plan_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.state := 'draft'; NEW.round := 0; NEW.total := 0; NEW.content := NULL; NEW.formula_by := NULL;
    NEW.submitted_by := NULL; NEW.created_by := current_setting('app.subject')::uuid;
    NEW.makers := ARRAY[NEW.created_by];
    RETURN NEW;
END $$;
CREATE TRIGGER begins BEFORE INSERT ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.plan_begins();

CREATE FUNCTION machinery.plan_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, published, pg_temp AS $$
DECLARE
    me uuid := current_setting('app.subject')::uuid;
    stage text := CASE NEW.state WHEN 'approved' THEN 'approve' WHEN 'authorised' THEN 'authorise'
        WHEN 'released' THEN 'release' END;
BEGIN
    IF NEW.state <> OLD.state AND NOT EXISTS
        (SELECT FROM plan_arrow WHERE before = OLD.state AND after = NEW.state) THEN
        PERFORM refuse('plan_way', format('a plan that is %s does not become %s', OLD.state, NEW.state));
    END IF;
    IF OLD.state NOT IN ('draft', 'populated', 'locked', 'entitled')
        AND (NEW.content, NEW.total, NEW.formula_by) IS DISTINCT FROM (OLD.content, OLD.total, OLD.formula_by)
    THEN
        PERFORM refuse('plan_fixed', 'what a plan pays does not change under review or after it');
    END IF;
    IF NEW.state = 'submitted' AND OLD.state <> 'submitted' THEN
        NEW.round := OLD.round + 1;
        NEW.submitted_by := me;
        IF NEW.content IS DISTINCT FROM plan_content(NEW.id) THEN
            PERFORM refuse('plan_content', 'the payments are not those that were entitled');
        END IF;
    ELSE
        NEW.round := OLD.round;
    END IF;
    IF NEW.state = 'entitled' AND OLD.state IN ('locked', 'entitled') THEN
        NEW.formula_by := (SELECT rule_by FROM programme WHERE id = NEW.programme_id);
    END IF;
    IF NEW.state IN ('populated', 'submitted') OR (NEW.content, NEW.total, NEW.formula_by)
        IS DISTINCT FROM (OLD.content, OLD.total, OLD.formula_by) THEN
        NEW.makers := ARRAY(SELECT DISTINCT unnest(array_remove(OLD.makers || me || NEW.formula_by, NULL)));
    END IF;
    IF stage IS NOT NULL AND NEW.state <> OLD.state THEN
        IF (SELECT count(*) FROM signature WHERE root = NEW.id AND round = NEW.round AND part = stage
            AND content = NEW.content) < people_needed(NEW.programme_id, stage, NEW.total) THEN
            PERFORM refuse('plan_yeses', format('not everybody who must %s has', stage));
        END IF;
        IF stage = 'release' AND (NEW.content <> plan_content(NEW.id) OR NEW.total <>
            (SELECT sum(amount) FROM payment WHERE root = NEW.id AND state = 'planned')) THEN
            PERFORM refuse('plan_content', 'the payments are not those that were submitted');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves BEFORE UPDATE ON data.payment_plan FOR EACH ROW EXECUTE FUNCTION machinery.plan_moves();

CREATE FUNCTION machinery.makers_sign() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, pg_temp AS $$
BEGIN
    INSERT INTO signature (agency, root, round, subject, part, content)
    SELECT NEW.agency, NEW.id, NEW.round, maker, 'made', NEW.content FROM unnest(NEW.makers) AS maker;
    RETURN NULL;
END $$;
CREATE TRIGGER makers_sign AFTER UPDATE ON data.payment_plan FOR EACH ROW
    WHEN (NEW.round > OLD.round) EXECUTE FUNCTION machinery.makers_sign();

CREATE FUNCTION machinery.signature_in_turn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    plan payment_plan;
BEGIN
    SELECT * INTO plan FROM payment_plan WHERE id = NEW.root AND agency = NEW.agency FOR NO KEY UPDATE;
    IF NEW.round IS DISTINCT FROM plan.round OR plan.state IS DISTINCT FROM
        (CASE NEW.part WHEN 'approve' THEN 'submitted' WHEN 'authorise' THEN 'approved' ELSE 'authorised' END)
    THEN
        PERFORM refuse('signature_in_turn', format('a plan that is %s is not asked to %s', plan.state, NEW.part));
    END IF;
    IF NEW.content IS DISTINCT FROM plan.content THEN
        PERFORM refuse('signature_content', 'a yes holds for the payments that were submitted');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER in_turn BEFORE INSERT ON data.signature FOR EACH ROW WHEN (NEW.part <> 'made')
    EXECUTE FUNCTION machinery.signature_in_turn();

CREATE FUNCTION machinery.payments_are_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN payment_plan o ON o.id = a.root
            AND (o.agency, o.cycle, o.purpose, o.fsp, o.currency)
                = (a.agency, a.cycle, a.purpose, a.fsp, a.currency) AND o.state IN ('draft', 'populated')
        WHERE o.id IS NULL OR a.state <> 'planned' $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('payment_fixed', 'payments are added to a plan while it is being populated');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER are_added AFTER INSERT ON data.payment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.payments_are_added();

CREATE FUNCTION machinery.payments_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, published, pg_temp AS $$
DECLARE
    wrong boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > 0 FROM before b JOIN after a USING (id) JOIN payment_plan o ON o.id = b.root
        WHERE (a.amount, a.account, a.account_version) <> (b.amount, b.account, b.account_version)
            AND o.state NOT IN ('populated', 'locked', 'entitled') $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('payment_fixed', 'what a payment pays does not change under review or after it');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM before b JOIN after a USING (id)
            LEFT JOIN payment_arrow w ON w.before = b.state AND w.after = a.state
        WHERE a.state <> b.state AND w.before IS NULL $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('payment_way', 'a payment does not go this way');
    END IF;
    EXECUTE $q$ SELECT count(*) > 0 FROM before b JOIN after a USING (id)
            LEFT JOIN LATERAL (
                SELECT r.id, d.kind AS resolved, d.amount FROM transfer r LEFT JOIN LATERAL
                    (SELECT kind, amount FROM transfer t WHERE t.pending = r.id LIMIT 1) d ON true
                WHERE r.payment = a.id AND r.kind = 'pending' LIMIT 1
            ) r ON true
        WHERE a.state <> b.state AND (b.state <> 'planned' OR a.state = 'reserved') AND CASE
            WHEN a.state IN ('delivered', 'partial') THEN r.resolved IS DISTINCT FROM 'post' OR r.amount <> a.delivered
            WHEN a.state IN ('failed', 'expired', 'cancelled') THEN r.resolved IS DISTINCT FROM 'void'
            WHEN a.state = 'returned' THEN r.resolved IS NULL
            ELSE r.id IS NULL OR r.resolved IS NOT NULL END $q$ INTO wrong;
    IF wrong THEN
        PERFORM refuse('payment_in_ledger', 'a payment is where the ledger says that its money is');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER change AFTER UPDATE ON data.payment REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.payments_change();
"""

AT_ONCE, RESERVED = ("single",), ("pending", "post", "void")
AVAILABLE, CLEARING, PAYABLE = "fund:available", "fsp:clearing:*", "beneficiary:payable"
MOVEMENTS = {
    "grant": (AT_ONCE, [("fund:granted", AVAILABLE)]),
    "payment": (RESERVED, [(AVAILABLE, CLEARING), (PAYABLE, CLEARING)]),
    "settlement": (AT_ONCE, [(CLEARING, "delivered")]),
    "late_return": (AT_ONCE, [(CLEARING, PAYABLE), ("delivered", PAYABLE)]),
    "write_off": (AT_ONCE, [(PAYABLE, AVAILABLE)]),
    "fee": (AT_ONCE, [(AVAILABLE, "fees")]),
}
PLAN_ARROWS = {
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
    "reconciled": "closed",
}
ENDS = "delivered partial returned failed expired"
PAYMENT_ARROWS = {
    "planned": "reserved cancelled",
    "reserved": "sent cancelled",
    "sent": f"accepted_by_fsp unknown {ENDS}",
    "accepted_by_fsp": f"unknown {ENDS}",
    "unknown": f"accepted_by_fsp {ENDS}",
    "delivered": "returned",
    "partial": "delivered returned",
}


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    _fill("movement", [(c, k, *w) for c, (kinds, ways) in MOVEMENTS.items() for k in kinds for w in ways])
    _fill("plan_arrow", [(b, a) for b, after in PLAN_ARROWS.items() for a in after.split()])
    _fill("payment_arrow", [(b, a) for b, after in PAYMENT_ARROWS.items() for a in after.split()])
    guard("budget_line", root=True, append_only=True, write=())
    guard("account", append_only=True, write=(ShareLevel.DRAW,))
    guard("transfer", append_only=True, write=(ShareLevel.DRAW,))
    guard("consent", root=True)
    guard("programme", root=True)
    guard("tier", append_only=True)
    guard("awaited")
    guard("referred", root=True, append_only=True)
    guard("enrolment", root=True)
    guard("payment_plan", root=True)
    guard("signature", append_only=True)
    guard("payment")
    guard("instruction")
    guard("status_report", root=True, append_only=True)
    app = f"{service()}_app"
    op.execute(
        f"""
        CREATE POLICY own_hand ON data.signature AS RESTRICTIVE FOR INSERT
            WITH CHECK (subject = (SELECT {SUBJECT}) AND part <> 'made');
        CREATE POLICY own_hand ON data.programme AS RESTRICTIVE FOR INSERT
            WITH CHECK (rule_by = (SELECT {SUBJECT}));
        CREATE POLICY own_hand ON data.transfer AS RESTRICTIVE FOR INSERT
            WITH CHECK (entered_by = (SELECT {SUBJECT}) AND drawn_by = {CURRENT_AGENCY});
        REVOKE INSERT ON data.account FROM {app};
        GRANT INSERT (id, agency, root, currency, name) ON data.account TO {app};
        REVOKE UPDATE, DELETE ON data.programme, data.payment_plan, data.payment, data.instruction FROM {app};
        GRANT UPDATE (takes_referrals) ON data.programme TO {app};
        GRANT UPDATE (state, round, total, payments, left_out, content, formula_by, submitted_by)
            ON data.payment_plan TO {app};
        GRANT UPDATE (amount, account, account_version, state, delivered, reason, why) ON data.payment TO {app};
        GRANT UPDATE (sha256) ON data.instruction TO {app};
        GRANT USAGE ON SCHEMA published TO {app};
        GRANT SELECT ON published.movement, published.plan_arrow, published.payment_arrow TO {app};
        """
    )


def _fill(table: str, rows: list[tuple[str, ...]]) -> None:
    values = ", ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)
    op.execute(f"INSERT INTO published.{table} VALUES {values}")
