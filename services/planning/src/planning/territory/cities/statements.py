"""The SQL statements of the import of a city."""

from __future__ import annotations

REPLACE_CELLS = """
    WITH rows AS MATERIALIZED (
        SELECT id, area, geometry, indicators::jsonb
        FROM unnest(%(ids)b::text[], %(areas)b::text[], %(shapes)b::bytea[], %(indicators)b::text[])
            AS r (id, area, geometry, indicators)
    ), replaced AS (
        SELECT c.area FROM published.cell c JOIN rows r ON r.id = c.id WHERE c.city = %(city)s
    ), written AS (
        INSERT INTO published.cell (city, id, area, geometry, indicators, dataset)
        SELECT %(city)s, id, area, geometry, indicators, %(dataset)s FROM rows
        ON CONFLICT (city, id) DO UPDATE
        SET area = excluded.area, geometry = excluded.geometry, indicators = excluded.indicators,
            dataset = excluded.dataset
    )
    SELECT area FROM rows UNION SELECT area FROM replaced
"""
"""Insert cells, or replace those that exist. Return the areas whose cells have changed."""
