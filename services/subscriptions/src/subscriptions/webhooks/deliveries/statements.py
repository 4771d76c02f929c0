"""The statements of the worker that delivers."""

from __future__ import annotations

from sqlalchemy import text

DUE_WEBHOOKS = text("SELECT id, agency, failures FROM data.webhooks_with_due_deliveries()")
CLAIM = text(
    """
    WITH claimed AS (
        SELECT d.id FROM data.delivery d
        WHERE d.agency = :agency AND d.root = :webhook AND d.state = 'waiting' AND d.due <= now()
            AND (d.leased_until IS NULL OR d.leased_until <= now())
            AND NOT EXISTS (SELECT FROM data.delivery earlier WHERE earlier.agency = :agency
                AND earlier.root = d.root AND earlier.subject = d.subject AND earlier.state = 'waiting'
                AND earlier.position < d.position)
        ORDER BY d.position LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE data.delivery d SET attempts = d.attempts + 1, lease = :lease,
        leased_until = now() + make_interval(secs => :seconds)
    FROM claimed, data.event e
    WHERE d.id = claimed.id AND e.agency = :agency AND e.position = d.position
    RETURNING d.id AS delivery, d.attempts, e.id, e.source, e.type, e.subject, e.owner, e.sequence, e.time, e.payload
    """
)
"""It takes the first waiting event of each aggregate only: the next one is due when that was accepted."""
DELIVERED = text(
    """
    UPDATE data.delivery d SET state = 'delivered', delivered = now(), status = done.status, failure = NULL,
        lease = NULL, leased_until = NULL
    FROM unnest(CAST(:deliveries AS uuid[]), CAST(:leases AS uuid[]), CAST(:statuses AS int[]))
        AS done(id, lease, status)
    WHERE d.agency = :agency AND d.id = done.id AND d.lease = done.lease AND d.state = 'waiting'
    """
)
RECOVERED = text(
    """
    UPDATE data.webhook SET failures = 0, failing_since = NULL, retry_at = NULL
    WHERE agency = :agency AND id = :webhook AND failures > 0
    """
)
FAILED = text(
    """
    UPDATE data.delivery SET due = now() + CAST(:pause AS interval), status = :status, failure = :failure, lease = NULL,
        leased_until = NULL
    WHERE agency = :agency AND id = :delivery AND lease = :lease AND state = 'waiting'
    """
)
