"""The SQL of status reports."""

from __future__ import annotations

from sqlalchemy import text

ORDERED_PAYMENTS = text(
    """
    SELECT p.id FROM data.payment p JOIN data.instruction i USING (root)
    WHERE root = :plan AND p.state NOT IN ('planned', 'cancelled') AND p.id <> ALL (i.not_sent) AND p.id > :after
    ORDER BY p.id LIMIT :limit
    """
)
BOOKED_ENTRIES = text(
    """
    SELECT payment_id, message, kind, CASE WHEN root <> :report THEN booking END AS booking
    FROM data.booked_entry WHERE payment_id = ANY(:payments)
    """
)
"""A reference that this report itself has does not make its second booking a known one."""
ADD_ENTRIES = text(
    """
    INSERT INTO data.booked_entry (root, payment_id, message, kind, booking)
    SELECT :report, e.payment_id, e.message, e.kind, e.booking
    FROM unnest(CAST(:payments AS uuid[]), CAST(:messages AS text[]), CAST(:kinds AS text[]),
        CAST(:bookings AS text[])) AS e (payment_id, message, kind, booking)
    """
)
