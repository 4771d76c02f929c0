"""The SQL of payments: one statement for any number of them."""

from __future__ import annotations

from sqlalchemy import text

SET_ENTITLEMENTS = text(
    """
    WITH outcome AS (
        SELECT number, amount, reason, gen_random_uuid() AS calculation_id, CAST(calculation AS jsonb) AS calculation
        FROM unnest(CAST(:amounts AS bigint[]), CAST(:reasons AS text[]), CAST(:calculations AS text[]))
            WITH ORDINALITY AS o (amount, reason, calculation, number)
    ), added AS (
        INSERT INTO data.calculation (id, root, content)
        SELECT calculation_id, :plan, calculation FROM outcome
    )
    UPDATE data.payment p SET account_version = e.account_version, amount = o.amount,
        account_fingerprint = n.account_fingerprint, calculation_id = o.calculation_id, reason = o.reason,
        state = CASE WHEN o.amount > 0 THEN 'planned' ELSE 'cancelled' END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:account_versions AS int[]), CAST(:outcomes AS int[]))
            AS e (id, account_version, outcome)
        JOIN outcome o ON o.number = e.outcome, data.enrolment n
    WHERE p.id = e.id AND n.id = p.enrolment_id
    """
)
CHANGE_STATE = text("UPDATE data.payment SET state = :after WHERE root = :plan AND state = :before")
RECORD_STATUS_CHANGES = text(
    """
    UPDATE data.payment p SET state = c.state, delivered_amount = c.delivered_amount, reason = c.reason,
        report_id = coalesce(CAST(:report AS uuid), p.report_id)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:delivered_amounts AS bigint[]),
        CAST(:reasons AS text[])) AS c (id, state, delivered_amount, reason)
    WHERE p.id = c.id
    """
)
LOCK_PAYMENTS = text(
    """
    SELECT p.id, p.root, p.enrolment_id, p.registered_by, p.amount, p.currency, p.state, p.reason,
        p.delivered_amount, i.message_id
    FROM data.payment p LEFT JOIN data.instruction i USING (root)
    WHERE p.agency = :agency AND p.id = ANY(:ids) ORDER BY p.id FOR UPDATE OF p
    """
)
COUNT_UNFINISHED = text(
    """
    SELECT count(*) FROM data.payment WHERE root = :plan
        AND state IN ('reserved', 'sent', 'accepted_by_fsp', 'unknown', 'rejected')
    """
)
LOCK_REJECTED = text(
    """
    SELECT id, enrolment_id, registered_by, reason FROM data.payment
    WHERE root = :plan AND state = 'rejected' ORDER BY id FOR UPDATE
    """
)
CONFIRM_REJECTIONS = text(
    """
    UPDATE data.payment SET state = 'failed', confirmation_id = :confirmation
    WHERE root = :plan AND state = 'rejected'
    """
)
