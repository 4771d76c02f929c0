"""The statements of the feed."""

from __future__ import annotations

from sqlalchemy import text

APPEND = """
    SELECT data.append_events(%(ids)s::uuid[], %(sources)s::text[], %(types)s::text[], %(subjects)s::text[],
        %(owners)s::uuid[], %(sequences)s::bigint[], %(times)s::timestamptz[], %(payloads)s::text[],
        %(numbers)s::bigint[], %(agencies)s::uuid[])
"""
READ = text(
    """
    WITH state AS MATERIALIZED (
        SELECT coalesce(max(last_position), 0) AS last_position, coalesce(max(purged_position), 0) AS purged_position
        FROM data.feed WHERE agency = :agency
    )
    SELECT md5(machinery.current_feed_epoch() || '/' || CAST(:agency AS text))::uuid AS epoch,
        state.last_position, state.purged_position, event.*
    FROM state LEFT JOIN LATERAL (
        SELECT e.position, e.id, e.source, e.type, e.subject, e.owner, e.sequence, e.time, e.payload
        FROM data.event e WHERE e.agency = :agency
            AND e.position > greatest(CAST(:position AS bigint), state.purged_position)
            AND e.position <= greatest(CAST(:position AS bigint), state.purged_position) + :scanned
            AND (CAST(:types AS text[]) IS NULL OR e.type = ANY(CAST(:types AS text[])))
        ORDER BY e.position LIMIT :limit
    ) AS event ON true ORDER BY event.position
    """
)
"""One statement and so one moment: the state and the rows belong together."""
PURGE = text("SELECT data.purge_events(now() - CAST(:age AS interval), :rows)")
