"""The SQL of the ledger: one statement for any number of payments."""

from __future__ import annotations

from sqlalchemy import text

OPEN_ACCOUNTS = text(
    """
    INSERT INTO data.account (agency, root, currency, name)
    SELECT agency, id, :currency, name FROM data.budget_line, unnest(CAST(:names AS text[])) AS name
    WHERE id = :line ON CONFLICT ON CONSTRAINT account_name DO NOTHING
    """
)
MOVE = text(
    """
    INSERT INTO data.transfer
        (agency, root, kind, code, debit_account, debit_role, credit_account, credit_role, currency, amount)
    SELECT d.agency, d.root, :kind, :code, d.id, d.role, c.id, c.role, d.currency, :amount
    FROM data.account d JOIN data.account c USING (root, currency)
    WHERE d.root = :line AND d.currency = :currency AND d.name = :debit AND c.name = :credit
    """
)
RESERVE_PLAN = text(
    """
    INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account, credit_role,
        currency, amount, payment_id)
    SELECT d.agency, d.root, :kind, :code, d.id, d.role, c.id, c.role, d.currency, p.amount, p.id
    FROM data.account d JOIN data.account c USING (root, currency), data.payment p
    WHERE d.root = :line AND d.currency = :currency AND d.name = :debit AND c.name = :credit
        AND p.root = :plan AND p.state = 'planned'
    """
)
RESOLVE_RESERVATIONS = text(
    """
    INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account, credit_role,
        currency, amount, payment_id, reservation_id)
    SELECT r.agency, r.root, o.kind, r.code, r.debit_account, r.debit_role, r.credit_account, r.credit_role,
        r.currency, coalesce(o.amount, r.amount), r.payment_id, r.id
    FROM unnest(CAST(:payments AS uuid[]), CAST(:kinds AS text[]), CAST(:amounts AS bigint[]))
            AS o (payment_id, kind, amount)
        JOIN LATERAL (
            SELECT * FROM data.transfer t WHERE t.payment_id = o.payment_id AND t.kind = 'pending' LIMIT 1
        ) r ON true
    """
)
VOID_PLAN = text(
    """
    INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account, credit_role,
        currency, amount, payment_id, reservation_id)
    SELECT r.agency, r.root, :kind, r.code, r.debit_account, r.debit_role, r.credit_account, r.credit_role,
        r.currency, r.amount, r.payment_id, r.id
    FROM data.payment p
        JOIN LATERAL (
            SELECT * FROM data.transfer t WHERE t.payment_id = p.id AND t.kind = 'pending' LIMIT 1
        ) r ON true
    WHERE p.root = :plan
    """
)
MOVE_DELIVERED = text(
    """
    INSERT INTO data.transfer (agency, root, kind, code, debit_account, debit_role, credit_account, credit_role,
        currency, amount, payment_id)
    SELECT p.agency, p.root, :kind, :code, l.credit_account, l.credit_role, c.id, c.role, p.currency, p.amount,
        p.payment_id
    FROM unnest(CAST(:payments AS uuid[])) AS o (payment_id)
        JOIN LATERAL (
            SELECT * FROM data.transfer t WHERE t.payment_id = o.payment_id AND t.kind = 'post' LIMIT 1
        ) p ON true
        JOIN LATERAL (
            SELECT credit_account, credit_role FROM data.transfer t
            WHERE t.payment_id = p.payment_id AND t.code IN ('payment', 'settlement') AND t.kind <> 'pending'
            ORDER BY t.code DESC LIMIT 1
        ) l ON true
        JOIN data.account c ON c.root = p.root AND c.currency = p.currency AND c.name = :credit
    WHERE NOT EXISTS (
        SELECT FROM data.transfer t WHERE t.payment_id = o.payment_id AND t.code IN (:code, 'late_return')
    )
    """
)
"""The delivered amount moves from the account that it is on: the clearing account or, once settled, `delivered`."""
