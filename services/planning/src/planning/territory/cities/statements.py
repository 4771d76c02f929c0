"""The SQL statements of the import of a city."""

from __future__ import annotations

from sqlalchemy import text

REPLACE_CELLS = text(
    """
    WITH rows AS (
        SELECT id, area, decode(geometry, 'base64') AS geometry, indicators
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id text, area text, geometry text, indicators jsonb)
    ), replaced AS (
        SELECT c.area FROM published.cell c JOIN rows r ON r.id = c.id WHERE c.city = :city
    ), written AS (
        INSERT INTO published.cell (city, id, area, geometry, indicators, dataset)
        SELECT :city, id, area, geometry, indicators, :dataset FROM rows
        ON CONFLICT (city, id) DO UPDATE
        SET area = excluded.area, geometry = excluded.geometry, indicators = excluded.indicators,
            dataset = excluded.dataset
    )
    SELECT area FROM rows UNION SELECT area FROM replaced
    """
)
"""Insert cells, or replace those that exist. Return the areas whose cells have changed."""
