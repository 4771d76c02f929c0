"""The SQL that seals the access log and checks its chain of seals.

An entry belongs to the first seal whose `upto` is after its transaction. A seal covers no transaction that is still
open, so that no entry can be added behind it. Changing or removing an entry invalidates its seal; computing that seal
again invalidates all seals after it.
"""

from __future__ import annotations

from sqlalchemy import text

AGENCIES_WITH_UNSEALED_ENTRIES = text("SELECT agency FROM machinery.agencies_with_unsealed_entries()")

_DIGEST = """sha256(coalesce({before}, ''::bytea) || convert_to(string_agg(jsonb_build_array(e.id, e.root,
    extract(epoch FROM e.created), e.subject, e.service, e.action, e.reference, e.recipient)::text, E'\\n'
    ORDER BY e.xid, e.id), 'UTF8'))"""

INSERT_SEAL = text(
    f"""
    WITH before AS (
        SELECT number, upto, digest FROM data.access_seal WHERE agency = :agency ORDER BY number DESC LIMIT 1
    ), now AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto)
    INSERT INTO data.access_seal (id, root, number, upto, entries, digest)
    SELECT gen_random_uuid(), :agency, coalesce((SELECT number FROM before), 0) + 1, now.upto, count(*),
        {_DIGEST.format(before="(SELECT digest FROM before)")}
    FROM data.access_entry e, now
    WHERE e.agency = :agency AND e.xid < now.upto AND e.xid >= coalesce((SELECT upto FROM before), '0')
    GROUP BY now.upto
    """
)
FIRST_BROKEN_SEAL = text(
    f"""
    WITH seal AS (
        SELECT number, upto, entries, digest, lag(digest) OVER w AS before, lag(upto, 1, '0') OVER w AS since,
            lag(number, 1, 0) OVER w AS last
        FROM data.access_seal WHERE agency = :agency WINDOW w AS (ORDER BY number)
    )
    SELECT number FROM seal LEFT JOIN data.access_entry e ON e.agency = :agency AND e.xid >= since AND e.xid < upto
    GROUP BY number, last, before, entries, digest
    HAVING number <> last + 1 OR count(e.id) <> entries OR {_DIGEST.format(before="before")} IS DISTINCT FROM digest
    ORDER BY number LIMIT 1
    """
)
SEAL_COUNTS = text("SELECT count(*), coalesce(sum(entries), 0) FROM data.access_seal WHERE agency = :agency")
