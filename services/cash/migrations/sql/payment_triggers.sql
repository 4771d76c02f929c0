-- The rules on payments.

CREATE FUNCTION machinery.raise_violation(rule text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = message, ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- The SHA-256 of a plan's payments, from their computation to their order and later (docs/using/payment-plans.md).
CREATE FUNCTION data.plan_content_hash(plan uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(coalesce(string_agg(convert_to(
        format(E'["%s","%s","%s","%s","%s","%s","%s",%s,%s,"%s"]\n', id, household_id, collector, cycle,
            purpose, fsp, account_reference, account_version, amount, currency), 'UTF8'), ''::bytea ORDER BY id),
        ''::bytea)), 'hex')
    FROM data.payment WHERE root = plan AND state <> 'cancelled'
$$;

-- After payments are added: their plan is being populated, they agree with it, and their enrolments are there. Foreign
-- keys would look up each of them; nobody deletes a plan or an enrolment.
CREATE FUNCTION machinery.check_added_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
BEGIN
    PERFORM FROM payment_plan WHERE id IN (SELECT root FROM added) ORDER BY id FOR SHARE;
    EXECUTE $q$ SELECT count(*) > 0 FROM added a LEFT JOIN payment_plan o ON o.id = a.root
            AND (o.agency, o.cycle, o.purpose, o.fsp, o.currency)
                = (a.agency, a.cycle, a.purpose, a.fsp, a.currency) AND o.state IN ('draft', 'populated')
            LEFT JOIN LATERAL (SELECT e.id FROM enrolment e WHERE e.id = a.enrolment_id LIMIT 1) e ON true
        WHERE o.id IS NULL OR e.id IS NULL $q$ INTO is_wrong;
    IF is_wrong THEN
        PERFORM raise_violation('payment_unchanged_in_review',
            'payments are added while a plan is populated, for enrolments');
    END IF;
    IF EXISTS (SELECT FROM added WHERE state <> 'planned') THEN
        PERFORM raise_violation('payment_transition', 'a new payment is planned');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_added_payments AFTER INSERT ON data.payment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.check_added_payments();

-- Whether a person made one of the plans, took its order, or signed off at one of the stages in any round.
CREATE FUNCTION machinery.has_part_in(plans uuid[], person uuid, stages text[]) RETURNS boolean LANGUAGE sql STABLE
SET search_path = data, machinery, pg_temp AS $$
    SELECT EXISTS (SELECT FROM payment_plan WHERE id = ANY (plans) AND person = ANY (makers))
        OR EXISTS (SELECT FROM sign_off WHERE root = ANY (plans) AND subject = person AND stage = ANY (stages))
        OR EXISTS (SELECT FROM instruction WHERE root = ANY (plans) AND ordered_by = person)
$$;

-- After payments change: each state may follow the one before, what they pay is fixed under review, their state agrees
-- with the ledger, and a payment that was sent changes by a report of the provider's channel. All rows are compared once.
CREATE FUNCTION machinery.check_changed_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    me uuid := current_setting('app.subject')::uuid;
    steps text[];
    edited uuid[];
    cancelled uuid[];
    moved uuid[];
    answered uuid[];
    reports text[];
    plans uuid[];
    is_wrong boolean;
BEGIN
    EXECUTE $q$ SELECT array_agg(DISTINCT step) FILTER (WHERE is_step),
            array_agg(DISTINCT root) FILTER (WHERE is_edited),
            array_agg(DISTINCT root) FILTER (WHERE step = 'planned cancelled'),
            array_agg(DISTINCT id) FILTER (WHERE is_step AND (source <> 'planned' OR step = 'planned reserved')),
            array_agg(DISTINCT root) FILTER (WHERE is_answer),
            array_agg(DISTINCT concat(report_id, ' ', agency)) FILTER (WHERE is_answer)
        FROM (SELECT b.id, b.root, a.agency, a.report_id, b.state AS source, b.state || ' ' || a.state AS step,
                a.state <> b.state AS is_step,
                (a.amount, a.account_reference, a.account_version)
                    <> (b.amount, b.account_reference, b.account_version) AS is_edited,
                a.state <> b.state AND b.state NOT IN ('planned', 'reserved')
                    AND (b.state, a.state) <> ('rejected', 'failed') AS is_answer
            FROM before b JOIN after a USING (id)) change $q$
        INTO steps, edited, cancelled, moved, answered, reports;
    IF EXISTS (SELECT FROM unnest(steps) AS step WHERE NOT EXISTS (SELECT FROM transition t
            WHERE t.machine = 'payment' AND t.source = split_part(step, ' ', 1) AND t.target = split_part(step, ' ', 2))) THEN
        PERFORM raise_violation('payment_transition', 'a payment has no such transition');
    END IF;

    -- A plan is locked before what it pays changes: a review, a release or an order waits for the end of the change.
    PERFORM FROM payment_plan WHERE id = ANY (edited || cancelled) ORDER BY id FOR SHARE;
    IF EXISTS (SELECT FROM payment_plan WHERE id = ANY (edited)
            AND state NOT IN ('populated', 'locked', 'entitled')) THEN
        PERFORM raise_violation('payment_unchanged_in_review', 'the payments of a plan under review do not change');
    END IF;

    -- What is compared here need not be compared again at the end, unless its money moves again.
    IF has_misplaced_money(moved) THEN
        PERFORM raise_violation('payment_state_in_ledger', 'the ledger does not have the money of this state');
    END IF;
    DELETE FROM moved_payments WHERE payments = moved;

    -- The answer of a provider is not brought by anybody who had a part in the plan.
    IF EXISTS (SELECT FROM unnest(reports) AS report WHERE NOT EXISTS (SELECT FROM status_report r
            WHERE r.id = nullif(split_part(report, ' ', 1), '')::uuid AND r.agency = split_part(report, ' ', 2)::uuid
                AND r.recorded_by = me AND r.created >= now())) THEN
        PERFORM raise_violation('payment_answered_by_report',
            'a payment that was sent changes by a report of its provider');
    END IF;
    IF has_part_in(answered, me, ARRAY['prepare', 'approve', 'authorise', 'release']) THEN
        PERFORM raise_violation('payment_answer_independent',
            'a person who made, approved, released or ordered a payment does not bring its answer');
    END IF;

    -- A rejected payment has failed when somebody else confirms it, who neither made nor released it.
    IF 'rejected failed' = ANY (steps) THEN
        EXECUTE $q$ SELECT array_agg(DISTINCT b.root), coalesce(bool_or(c.id IS NULL OR r.recorded_by = $1), false)
            FROM before b JOIN after a USING (id)
                LEFT JOIN confirmed_rejection c ON c.id = a.confirmation_id AND c.root = a.root AND c.confirmed_by = $1
                    AND c.created >= now()
                LEFT JOIN status_report r ON r.id = b.report_id
            WHERE (b.state, a.state) = ('rejected', 'failed') $q$ INTO plans, is_wrong USING me;
        IF is_wrong OR has_part_in(plans, me, ARRAY['prepare', 'release']) THEN
            PERFORM raise_violation('payment_rejection_confirmed',
                'a second person confirms that a payment has failed');
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_changed_payments AFTER UPDATE ON data.payment
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION machinery.check_changed_payments();

CREATE TRIGGER enrolment_transition BEFORE INSERT OR UPDATE OF state ON data.enrolment FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('enrolment');
CREATE TRIGGER payment_plan_transition BEFORE INSERT OR UPDATE OF state ON data.payment_plan FOR EACH ROW
    EXECUTE FUNCTION machinery.check_transition('payment_plan');

-- The payments of a plan that need a decision: a person of the household is paid in this cycle for this purpose as a
-- member of another household, of any agency; or the account is that of another household. Of others it tells nothing
-- but that they exist.
CREATE FUNCTION machinery.flagged_payments(plan uuid) RETURNS TABLE (payment_id uuid, flag text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = data, machinery, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE $q$
        SELECT DISTINCT p.id, 'paid_elsewhere' FROM payment p
            JOIN LATERAL (SELECT t.token FROM household_token t WHERE t.root = p.enrolment_id) t ON true
            JOIN LATERAL (SELECT o.root FROM household_token o
                WHERE o.token = t.token AND o.root <> p.enrolment_id) o ON true
            JOIN LATERAL (SELECT q.id FROM payment q WHERE q.enrolment_id = o.root
                AND q.household_id <> p.household_id AND (q.cycle, q.purpose) = (p.cycle, p.purpose)
                AND q.state NOT IN ('returned', 'failed', 'cancelled')
                AND (q.state <> 'planned' OR q.root = p.root) LIMIT 1) q ON true
        WHERE p.root = $1 AND p.agency = current_setting('app.agency')::uuid AND p.state = 'planned'
        UNION ALL
        SELECT p.id, 'shared_account' FROM payment p
            JOIN LATERAL (SELECT e.id FROM enrolment e WHERE e.account_fingerprint = p.account_fingerprint
                AND e.household_id <> p.household_id AND e.state = 'enrolled' LIMIT 1) e ON true
        WHERE p.root = $1 AND p.agency = current_setting('app.agency')::uuid AND p.state = 'planned' $q$ USING plan;
END $$;

CREATE FUNCTION machinery.undecided_flags(plan uuid) RETURNS TABLE (payment_id uuid, flag text) LANGUAGE sql STABLE
SET search_path = data, machinery, pg_temp AS $$
    SELECT f.payment_id, f.flag FROM flagged_payments(plan) f LEFT JOIN LATERAL (
        SELECT d.decision FROM flag_decision d
        WHERE (d.root, d.payment_id, d.flag) = (plan, f.payment_id, f.flag) ORDER BY d.created DESC, d.id DESC LIMIT 1
    ) d ON true WHERE d.decision IS DISTINCT FROM 'pay'
$$;

CREATE FUNCTION machinery.check_flag_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM payment_plan
            WHERE id = NEW.root AND agency = NEW.agency AND state IN ('submitted', 'approved', 'authorised'))
        OR has_part_in(ARRAY[NEW.root], NEW.decided_by, ARRAY['prepare']) THEN
        PERFORM raise_violation('flag_decision_independent',
            'only a person who made nothing of a plan decides on its payments while it is under review');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_flag_decision BEFORE INSERT ON data.flag_decision FOR EACH ROW
    EXECUTE FUNCTION machinery.check_flag_decision();
