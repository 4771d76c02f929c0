"""The SQL of the search index."""

from __future__ import annotations

from sqlalchemy import text

CANDIDATES = text(
    """
    WITH wanted AS MATERIALIZED (
        SELECT asked.token, counted.frequency FROM unnest(CAST(:tokens AS bytea[])) AS asked (token)
        CROSS JOIN LATERAL (
            SELECT count(*) AS frequency FROM (
                SELECT FROM data.search_token t WHERE t.agency = :agency AND t.token = asked.token LIMIT :most_rows
            ) AS counted_rows
        ) AS counted
        WHERE counted.frequency > 0
    ), chosen AS MATERIALIZED (
        SELECT token, frequency, sum(frequency) OVER (ORDER BY frequency, token) - frequency AS rows_before FROM wanted
    )
    SELECT found.root FROM chosen CROSS JOIN LATERAL (
        SELECT t.root, t.is_strong FROM data.search_token t
        WHERE t.agency = :agency AND t.token = chosen.token LIMIT :most_rows
    ) AS found
    WHERE chosen.rows_before < :most_rows
    GROUP BY found.root
    ORDER BY bool_or(found.is_strong) DESC, sum(1 / ln(chosen.frequency + 2)) DESC, found.root LIMIT :most
    """
)
"""The rarest tokens come first, until they have `most_rows` rows: a common one then finds nobody whom a rarer one would
not find, for a person has all tokens of their names. A rare token in common weighs more than a common one."""
INDEXED_STRONG_TOKENS = text(
    """
    SELECT DISTINCT token FROM data.search_token WHERE agency = :agency AND is_strong AND token = ANY(:tokens)
    """
)
PEOPLE_WITH_STRONG_TOKENS = text(
    """
    SELECT wanted.token, found.root FROM unnest(CAST(:tokens AS bytea[])) AS wanted (token) CROSS JOIN LATERAL (
        SELECT t.root FROM data.search_token t
        WHERE t.agency = :agency AND t.token = wanted.token AND t.is_strong ORDER BY t.root LIMIT :at_most
    ) AS found
    """
)
ADD_TOKENS = text(
    """
    INSERT INTO data.search_token (agency, token, root, is_strong)
    SELECT :agency, token, root, is_strong
    FROM unnest(CAST(:token AS bytea[]), CAST(:root AS uuid[]), CAST(:is_strong AS boolean[]))
        AS added (token, root, is_strong)
    """
)
