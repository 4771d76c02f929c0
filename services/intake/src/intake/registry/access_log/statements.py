"""The SQL that seals the access log and checks its chain of seals.

Each seal covers all entries that were committed and not sealed before, in the order of their numbers; an entry that
commits late belongs to the next one. Changing or removing an entry invalidates its seal, and computing that seal again
invalidates all seals after it. The newest seal is published as an event, so that a log whose end was cut off differs
from what is known outside.

When the retention period of entries is over, they are deleted up to a seal, which is recorded (`access_cut`). The seals
stay, and the verification starts from that one.
"""

from __future__ import annotations

from sqlalchemy import text

AGENCIES_WITH_UNSEALED_ENTRIES = text("SELECT agency FROM machinery.agencies_with_unsealed_entries()")
SEAL_ENTRIES = text("SELECT number, digest FROM machinery.seal_access_entries()")

AGENCIES_WITH_SEALS = text("SELECT agency FROM machinery.agencies_with_seals()")

FIRST_BROKEN_SEAL = text(
    """
    WITH seal AS (
        SELECT number, entries, digest, lag(digest) OVER w AS before, lag(number, 1, 0) OVER w AS last
        FROM data.access_seal WHERE agency = :agency AND number BETWEEN :after AND :until
        WINDOW w AS (ORDER BY number)
    )
    SELECT min(number) FROM (
        SELECT s.number FROM seal s LEFT JOIN data.access_entry e ON e.agency = :agency AND e.seal = s.number
        WHERE s.number > :after GROUP BY s.number, last, before, entries, digest
        HAVING s.number <> last + 1 OR count(e.id) <> entries OR digest IS DISTINCT FROM
            machinery.access_digest(before, array_agg(machinery.access_text(e) ORDER BY e.number))
    ) AS broken
    """
)
"""The first broken seal after one that is known to be valid, up to another one."""
FIRST_MISSING_SEAL = text(
    """
    SELECT min(e.seal) FROM data.access_entry e WHERE e.agency = :agency AND e.seal > :after AND NOT EXISTS (
        SELECT FROM data.access_seal s WHERE s.agency = :agency AND s.number = e.seal
    )
    """
)
SEAL_COUNTS = text("SELECT count(*), coalesce(sum(entries), 0) FROM data.access_seal WHERE agency = :agency")
LAST_CUT = text("SELECT coalesce(max(seal), 0) FROM data.access_cut WHERE agency = :agency")
"""The newest seal whose entries were deleted after their retention period, or 0."""
NEWEST_SEAL = text("SELECT coalesce(max(number), 0) FROM data.access_seal WHERE agency = :agency")
