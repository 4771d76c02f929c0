"""The SQL of payment plans: one statement for any number of payments."""

from __future__ import annotations

from sqlalchemy import text

ADD_PAYMENTS = text(
    """
    INSERT INTO data.payment (root, programme_id, enrolment_id, household_id, collector, registered_by, cycle,
        purpose, fsp, account_reference, account_version, currency)
    SELECT o.id, o.programme_id, e.id, e.household_id, e.collector, e.registered_by, o.cycle, o.purpose, o.fsp,
        e.package_id, e.payout_version, o.currency
    FROM data.payment_plan o JOIN data.enrolment e USING (programme_id)
    WHERE o.id = :plan AND e.state = 'enrolled' AND e.payout_version > 0 AND NOT e.is_provisional
        AND (e.account_changed IS NULL
            OR NOT machinery.is_resting(e.agency, e.programme_id, e.account_changed, e.account_confirmed))
    ON CONFLICT (household_id, cycle, purpose) WHERE is_live DO NOTHING
    """
)
PAYMENT_PROFILES = text(
    """
    SELECT p.id, coalesce(e.payout_version, 0) AS account_version,
        CASE WHEN e.state = 'enrolled' THEN e.profile END AS profile,
        CASE WHEN e.is_provisional THEN 'provisional'
            WHEN e.account_changed IS NOT NULL
                AND machinery.is_resting(e.agency, e.programme_id, e.account_changed, e.account_confirmed)
                THEN 'account_resting'
            WHEN d.flag IS NOT NULL THEN d.flag END AS excluded
    FROM data.payment p JOIN data.enrolment e ON e.id = p.enrolment_id LEFT JOIN LATERAL (
        SELECT newest.flag FROM (
            SELECT DISTINCT ON (d.flag) d.flag, d.decision FROM data.flag_decision d
            WHERE (d.root, d.payment_id) = (p.root, p.id) ORDER BY d.flag, d.created DESC, d.id DESC
        ) newest WHERE newest.decision = 'leave_out' ORDER BY newest.flag LIMIT 1
    ) d ON true
    WHERE p.root = :plan AND p.state = 'planned'
    """
)
PLANNED_TOTALS = text(
    """
    SELECT count(*) AS payments, coalesce(sum(amount), 0)::bigint AS total,
        (SELECT count(*) FROM data.enrolment e JOIN data.payment_plan o USING (programme_id)
            WHERE o.id = :plan AND e.state = 'enrolled') AS enrolled
    FROM data.payment WHERE root = :plan AND state = 'planned'
    """
)
CONTENT_HASH = text("SELECT data.plan_content_hash(:plan)")
ABANDONED_PLANS = text("SELECT id, agency FROM machinery.abandoned_plans(:before)")
IS_STILL_ABANDONED = text("SELECT count(*) FROM machinery.abandoned_plans(:before) WHERE id = :plan")
