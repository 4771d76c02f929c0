"""The SQL of reviews."""

from __future__ import annotations

from sqlalchemy import text

FLAGGED_PAYMENTS = text(
    """
    SELECT f.payment_id, f.flag, d.decision, d.reason, d.decided_by
    FROM machinery.flagged_payments(:plan) f LEFT JOIN LATERAL (
        SELECT * FROM data.flag_decision d
        WHERE (d.root, d.payment_id, d.flag) = (CAST(:plan AS uuid), f.payment_id, f.flag)
        ORDER BY d.created DESC, d.id DESC LIMIT 1
    ) d ON true ORDER BY d.decision IS NOT NULL, f.flag, f.payment_id
    """
)
LAST_PLAN = text(
    """
    SELECT o.id FROM data.payment_plan o JOIN data.payment_plan this USING (programme_id)
    WHERE this.id = :plan AND o.id <> this.id AND o.agency = this.agency
        AND o.state IN ('released', 'dispatched', 'reconciling', 'reconciled')
    ORDER BY o.cycle DESC, o.created DESC, o.id DESC LIMIT 1
    """
)
DIFFERENCES = text(
    """
    WITH these AS (SELECT * FROM data.payment WHERE root = :plan AND state <> 'cancelled'),
        last AS (SELECT * FROM data.payment WHERE root = :last AND state <> 'cancelled'),
        different AS (
            SELECT household_id, these.id AS payment_id, last.amount AS amount_before, these.amount,
                CASE WHEN last.id IS NULL THEN 'new' WHEN these.id IS NULL THEN 'missing'
                    WHEN these.amount <> last.amount THEN 'amount_changed' ELSE 'account_changed' END AS difference
            FROM these FULL JOIN last USING (household_id)
            WHERE last.id IS NULL OR these.id IS NULL OR these.amount <> last.amount
                OR (these.account_reference, these.account_version, these.account_fingerprint)
                    IS DISTINCT FROM (last.account_reference, last.account_version, last.account_fingerprint)
        )
    SELECT * FROM (
        SELECT *, count(*) OVER (PARTITION BY difference) AS of_kind,
            row_number() OVER (PARTITION BY difference ORDER BY household_id) AS place FROM different
    ) counted WHERE place <= 250 ORDER BY difference, place
    """
)
CHANGED_ACCOUNTS = text(
    """
    SELECT p.id FROM data.payment p JOIN LATERAL (
        SELECT q.account_reference, q.account_version, q.account_fingerprint FROM (
            SELECT * FROM data.payment q WHERE q.household_id = p.household_id OFFSET 0
        ) q
        WHERE q.agency = p.agency AND q.root <> p.root
            AND q.state IN ('sent', 'accepted_by_fsp', 'unknown', 'delivered', 'partial', 'returned')
        ORDER BY q.created DESC, q.id DESC LIMIT 1
    ) q ON CASE WHEN p.account_fingerprint IS NOT NULL AND q.account_fingerprint IS NOT NULL
        THEN p.account_fingerprint <> q.account_fingerprint
        ELSE (p.account_reference, p.account_version) <> (q.account_reference, q.account_version) END
    WHERE p.root = :plan AND p.state <> 'cancelled' ORDER BY p.id
    """
)
"""OFFSET 0 makes PostgreSQL find the payments of a household by their index, whatever the statistics are: an index in
the order of time would read all payments of the agency for each household."""
