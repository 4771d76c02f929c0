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
