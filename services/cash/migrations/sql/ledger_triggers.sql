-- The rules on transfers.

-- After transfers are added: check them against their reservations and plans, and update the balances.
CREATE FUNCTION machinery.apply_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
DECLARE
    is_wrong boolean;
    is_unknown boolean;
    has_wrong_debit boolean;
    has_wrong_credit boolean;
BEGIN
    EXECUTE $q$ SELECT count(*) > count(m.code), count(*) > count(d.id), count(*) > count(c.id)
        FROM (SELECT DISTINCT agency, root, currency, kind, code, debit_account, debit_role, credit_account, credit_role
                FROM added) a
            LEFT JOIN published.movement m
                ON (m.code, m.kind, m.debit, m.credit) = (a.code, a.kind, a.debit_role, a.credit_role)
            LEFT JOIN account d ON d.id = a.debit_account
                AND (d.agency, d.root, d.currency, d.role) = (a.agency, a.root, a.currency, a.debit_role)
            LEFT JOIN account c ON c.id = a.credit_account
                AND (c.agency, c.root, c.currency, c.role) = (a.agency, a.root, a.currency, a.credit_role) $q$
        INTO is_unknown, has_wrong_debit, has_wrong_credit;
    IF is_unknown THEN
        PERFORM raise_violation('transfer_movement', 'the chart has no such movement between these accounts');
    END IF;
    IF has_wrong_debit THEN
        PERFORM raise_violation('transfer_debit_account', 'the debited account is of another budget line or currency');
    END IF;
    IF has_wrong_credit THEN
        PERFORM raise_violation('transfer_credit_account', 'the credited account is of another budget line or currency');
    END IF;
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
    INSERT INTO moved_payments (payments)
        SELECT array_agg(DISTINCT payment_id) FROM added WHERE payment_id IS NOT NULL HAVING count(payment_id) > 0;
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

-- At the end of a transaction: the state of each payment whose money moved agrees with the ledger. The transfers of a
-- statement are one row here, checked together and deleted; a change of these payments' states does the same.
CREATE TABLE machinery.moved_payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payments uuid[] NOT NULL
);

CREATE FUNCTION machinery.has_misplaced_money(payments uuid[]) RETURNS boolean LANGUAGE sql STABLE
SET search_path = data, machinery, pg_temp AS $$
    SELECT count(*) > 0 FROM unnest(payments) AS moved (id) JOIN payment p USING (id)
        LEFT JOIN LATERAL (
            SELECT r.id, d.kind AS resolution, d.amount FROM transfer r LEFT JOIN LATERAL
                (SELECT kind, amount FROM transfer t WHERE t.reservation_id = r.id LIMIT 1) d ON true
            WHERE r.payment_id = p.id AND r.kind = 'pending' LIMIT 1
        ) r ON true
        LEFT JOIN LATERAL (
            SELECT b.id FROM transfer b WHERE b.payment_id = p.id AND b.code = 'late_return' LIMIT 1
        ) b ON true
    WHERE CASE
        WHEN p.state = 'planned' THEN r.id IS NOT NULL
        WHEN p.state IN ('delivered', 'partial')
            THEN r.resolution IS DISTINCT FROM 'post' OR r.amount <> p.delivered_amount OR b.id IS NOT NULL
        WHEN p.state = 'failed' THEN r.resolution IS DISTINCT FROM 'void'
        WHEN p.state = 'cancelled' THEN r.id IS NOT NULL AND r.resolution IS DISTINCT FROM 'void'
        WHEN p.state = 'returned' THEN r.resolution IS NULL OR r.resolution = 'post' AND b.id IS NULL
        ELSE r.id IS NULL OR r.resolution IS NOT NULL END
$$;

CREATE FUNCTION machinery.check_moved_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = data, machinery, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moved_payments WHERE id = NEW.id) AND has_misplaced_money(NEW.payments) THEN
        PERFORM raise_violation('payment_state_in_ledger', 'money moved, and the state of its payment did not');
    END IF;
    DELETE FROM moved_payments WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_moved_payments AFTER INSERT ON machinery.moved_payments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION machinery.check_moved_payments();
