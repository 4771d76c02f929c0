"""The statements on webhooks."""

from __future__ import annotations

from sqlalchemy import text

LOCK_AGENCY = text("SELECT pg_advisory_xact_lock(hashtext('webhooks'), hashtext(CAST(:agency AS text)))")
RETRY_NOW = text(
    """
    UPDATE data.delivery SET attempts = 0, due = now()
    WHERE agency = :agency AND root = :webhook AND state = 'waiting'
    """
)
REPLAY = text(
    """
    INSERT INTO data.delivery (agency, root, position, event_id, type, subject)
    SELECT e.agency, w.id, e.position, e.id, e.type, e.subject
    FROM data.webhook w JOIN data.event e ON e.agency = w.agency
    WHERE w.agency = :agency AND w.id = :webhook AND e.agency = :agency AND e.received >= :since
        AND (cardinality(w.types) = 0 OR e.type = ANY(w.types))
    ORDER BY e.position
    ON CONFLICT (root, position) DO UPDATE
    SET state = 'waiting', attempts = 0, due = now(), leased_until = NULL, lease = NULL, delivered = NULL
    """
)
