"""The SQL of the search index."""

from __future__ import annotations

from sqlalchemy import text

CANDIDATES = text(
    """
    SELECT root FROM data.search_token WHERE agency = :agency AND token = ANY(:tokens)
    GROUP BY root HAVING bool_or(is_strong) OR count(*) >= :minimum
    ORDER BY bool_or(is_strong) DESC, count(*) DESC, root LIMIT :limit
    """
)
INDEXED_STRONG_TOKENS = text(
    """
    SELECT DISTINCT token FROM data.search_token WHERE agency = :agency AND is_strong AND token = ANY(:tokens)
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
