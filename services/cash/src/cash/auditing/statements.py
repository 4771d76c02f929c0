"""The SQL of the audit. It reads the rows of all agencies."""

from __future__ import annotations

TRANSFERS = """
    SELECT t.id, t.root, t.kind, t.code, t.currency, t.amount, t.reservation_id,
        d.root AS debit_line, d.currency AS debit_currency, d.name AS debit_name,
        c.root AS credit_line, c.currency AS credit_currency, c.name AS credit_name,
        r.kind AS reserved_kind, r.code AS reserved_code, r.amount AS reserved_amount,
        r.debit_account = t.debit_account AND r.credit_account = t.credit_account AS has_same_accounts,
        count(*) OVER (PARTITION BY t.reservation_id) AS resolutions
    FROM data.transfer t
        JOIN data.account d ON d.id = t.debit_account
        JOIN data.account c ON c.id = t.credit_account
        LEFT JOIN data.transfer r ON r.id = t.reservation_id
"""
ACCOUNTS = """
    SELECT root, currency, name, debits_pending, debits_posted, credits_pending, credits_posted FROM data.account
"""
PLANS = """
    SELECT id, content_hash FROM data.payment_plan
    WHERE state IN ('submitted', 'approved', 'authorised', 'released', 'dispatched', 'reconciling', 'reconciled')
    ORDER BY id
"""
PLAN_PAYMENTS = """
    SELECT id::text, household_id::text, collector::text, cycle, purpose, fsp, account_reference::text,
        account_version, amount, currency
    FROM data.payment WHERE root = %s AND amount > 0 ORDER BY id
"""
